//! Lesson 17: four programs that connect to a server and look at what tokio's I/O driver
//! knows of the connection.
//!
//! Invariant: whoever has nothing to do waits in tokio, and the one thread of all of them
//! then sleeps in the driver.
#![forbid(unsafe_code)]

mod count;
mod explore;
mod look;
mod raw;
mod rivals;

use std::env;
use std::io;
use std::process;

use tokio::net::TcpStream;
use tokio::runtime::Builder;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [what, address] = arguments.as_slice() else {
        usage();
    };
    // One thread, and of tokio's drivers only the one that this lesson is about.
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let connect = TcpStream::connect(address);
        match what.as_str() {
            "explore" => explore::explore(connect.await?).await,
            "count" => count::count(connect.await?).await,
            "rivals" => rivals::rivals(connect.await?).await,
            "raw" => raw::raw(connect.await?).await,
            _ => usage(),
        }
    })
}

fn usage() -> ! {
    let program = env!("CARGO_BIN_NAME");
    eprintln!("usage: {program} explore|count|rivals|raw ADDRESS");
    process::exit(2);
}
