//! Lesson 08 built differently: the future is written by hand and reads until the goodbye
//! in as few polls as it can.
#![forbid(unsafe_code)]

use std::env;
use std::io;
use std::net::TcpListener;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bridge::{Bridge, Reader, run};

/// Everything that a client sends.
struct Everything(Reader);

impl Future for Everything {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut buffer = [0; 1000];
        loop {
            let n = ready!(pin!(self.0.read_some(&mut buffer)).poll(cx))?;
            println!("read {n} bytes");
            if n == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let (client, _address) = listener.accept()?;
    client.set_nonblocking(true)?;
    let mut bridge = Bridge::new()?;
    let reader = bridge.register(mio::net::TcpStream::from_std(client))?;
    run(&mut bridge, Everything(reader))??;
    println!("done");
    Ok(())
}
