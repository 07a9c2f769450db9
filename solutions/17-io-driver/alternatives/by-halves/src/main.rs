//! Another correct program for lesson 17: a local set, `ready` with `try_io`,
//! split halves, `async_io`.
#![forbid(unsafe_code)]

mod count;
mod explore;
mod raw;
mod rivals;

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let address: SocketAddr = arguments
        .next()
        .and_then(|address| address.parse().ok())
        .ok_or(io::ErrorKind::InvalidInput)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let stream = tokio::task::spawn_local(TcpStream::connect(address)).await??;
        match what.as_str() {
            "explore" => explore::explore(stream).await,
            "count" => count::count(stream).await,
            "rivals" => rivals::rivals(stream).await,
            "raw" => raw::raw(&stream).await,
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    })
}
