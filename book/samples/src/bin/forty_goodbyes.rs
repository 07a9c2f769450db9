//! Forty sockets are dropped at once: what the kernel is told at once, and what waits for the driver.
#![forbid(unsafe_code)]

use std::io;

use tokio::net::UdpSocket;
use tokio::runtime::Builder;
use tokio::task::yield_now;

fn main() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut sockets = Vec::new();
        for _ in 0..40 {
            sockets.push(UdpSocket::bind("127.0.0.1:0").await?);
        }
        drop(sockets);
        // Gives the driver a turn.
        yield_now().await;
        Ok(())
    })
}
