//! An echo server: a thread and a state machine for each client, and one reactor for all.
#![forbid(unsafe_code)]

use std::env;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use mio::Interest;
use mio::net::{TcpListener, TcpStream};
use reactor::futures_by_hand::block_on;
use reactor::{Direction, Handle, Reactor, Registration};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let entered = handle.enter();
    let listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    println!("listening on {}", listener.local_addr()?);
    let listener = Registration::new(listener, Interest::READABLE)?;
    drop(entered);
    thread::spawn(move || accept(&listener, &handle));
    loop {
        reactor.turn(None)?;
    }
}

fn accept(listener: &Registration<TcpListener>, handle: &Handle) {
    loop {
        let next = poll_fn(|cx| listener.poll_io(cx, Direction::Read, TcpListener::accept));
        match block_on(next) {
            Ok((client, _)) => {
                let handle = handle.clone();
                thread::spawn(move || serve(client, &handle));
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn serve(client: TcpStream, handle: &Handle) -> io::Result<()> {
    let _entered = handle.enter();
    let both = Interest::READABLE.add(Interest::WRITABLE);
    let client = Registration::new(client, both)?;
    let (mut kept, mut open) = (Vec::new(), true);
    block_on(poll_fn(|cx| step(&client, &mut kept, &mut open, cx)))
}

/// Writes what is kept, reads when nothing is.
fn step(
    client: &Registration<TcpStream>,
    kept: &mut Vec<u8>,
    open: &mut bool,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let mut buffer = [0; 4096];
    loop {
        let progress = if !kept.is_empty() {
            client
                .poll_io(cx, Direction::Write, |mut s| s.write(kept))
                .map_ok(|n| drop(kept.drain(..n)))
        } else if *open {
            client
                .poll_io(cx, Direction::Read, |mut s| s.read(&mut buffer))
                .map_ok(|n| {
                    *open = n > 0;
                    kept.extend(&buffer[..n]);
                })
        } else {
            return Poll::Ready(Ok(()));
        };
        match progress {
            Poll::Ready(Ok(())) => {}
            other => return other,
        }
    }
}
