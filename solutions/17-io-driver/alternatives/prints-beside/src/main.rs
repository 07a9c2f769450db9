//! Another correct program for lesson 17: a state for each step of a connection, one loop for both
//! halves of `raw`, and a thread of its own that prints.
#![forbid(unsafe_code)]

mod count;
mod explore;
mod look;
mod printer;
mod raw;
mod rivals;

use std::env;
use std::io::{self, Error, ErrorKind};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::runtime::Builder;

use crate::printer::Printer;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(what), Some(address)) = (arguments.next(), arguments.next()) else {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "explore|count|rivals|raw ADDRESS",
        ));
    };
    let (printer, printing) = Printer::start();
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let done = runtime.block_on(async {
        let stream = Arc::new(TcpStream::connect(address).await?);
        let work = async {
            match what.as_str() {
                "explore" => explore::explore(&stream, &printer).await,
                "count" => count::count(&stream, &printer).await,
                "rivals" => rivals::rivals(&stream, &printer).await,
                "raw" => raw::raw(&stream, &printer).await,
                _ => Err(ErrorKind::InvalidInput.into()),
            }
        };
        work.await
    });
    drop(printer);
    let _ = printing.join();
    done
}
