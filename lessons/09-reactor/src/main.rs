//! Lesson 09: an echo server. Each client has a thread and a future of its own; one reactor, on a
//! thread in the background, wakes them all.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_variables,
    unused_imports,
    unused_mut,
    unreachable_code,
    clippy::diverging_sub_expression,
    reason = "a stub: delete this attribute when you begin"
)]

use std::env;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use mio::Interest;
use mio::net::{TcpListener, TcpStream};
use reactor::futures_by_hand::block_on;
use reactor::{Direction, Handle, Reactor, Registration};

/// How long to wait when no client can be taken: descriptors come back when others leave.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    println!("listening on {}", listener.local_addr()?);
    let background = Reactor::new()?.background()?;
    let _entered = background.handle().enter();
    let listener = Registration::new(listener, Interest::READABLE)?;
    loop {
        let accept =
            poll_fn(|cx| listener.poll_io(cx, Direction::Read, |listener| listener.accept()));
        let handle = background.handle().clone();
        let begun = block_on(accept).and_then(|(client, _address)| {
            thread::Builder::new().spawn(move || serve(client, &handle))
        });
        if let Err(error) = begun {
            eprintln!("no client could be taken: {error}");
            thread::sleep(PAUSE);
        }
    }
}

/// Serves one client on this thread, which sleeps while there is nothing to do.
fn serve(client: TcpStream, handle: &Handle) -> io::Result<()> {
    let _entered = handle.enter();
    let client = Registration::new(client, Interest::READABLE | Interest::WRITABLE)?;
    block_on(echo(&client))
}

/// Echoes until the client leaves. Nothing here knows of events, tokens or threads.
async fn echo(client: &Registration<TcpStream>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = poll_fn(|cx| client.poll_io(cx, Direction::Read, |mut s| s.read(&mut buffer)));
        let n = read.await?;
        if n == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..n];
        while !rest.is_empty() {
            let write = poll_fn(|cx| client.poll_io(cx, Direction::Write, |mut s| s.write(rest)));
            rest = &rest[write.await?..];
        }
    }
}
