//! `raw`: the thread is given back in each round, and `async_io` is the second loop.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::task::yield_now;

/// Reads twice, once behind tokio's back.
pub(crate) async fn raw(stream: &TcpStream) -> io::Result<()> {
    let mut chunk = [0; 1024];
    let mut refused = 0;
    while refused < 1000 {
        poll_fn(|cx| stream.poll_read_ready(cx)).await?;
        match recv(stream, &mut chunk, RecvFlags::empty()) {
            Ok((_, 0)) => return Ok(()),
            Ok((_, n)) => println!("read {n} bytes"),
            Err(Errno::AGAIN) => {
                refused += 1;
                yield_now().await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    println!("raw: {refused} would-blocks");
    let refused = Cell::new(0);
    let read = stream.async_io(Interest::READABLE, || {
        let read = recv(stream, &mut chunk, RecvFlags::empty());
        refused.set(refused.get() + i32::from(read == Err(Errno::AGAIN)));
        Ok(read?.1)
    });
    let n = read.await?;
    if n == 0 {
        return Ok(());
    }
    println!("read {n} bytes");
    println!("try_io: {} would-blocks", refused.get());
    Ok(())
}
