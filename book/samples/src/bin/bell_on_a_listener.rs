//! The shortest program that waits with mio: a bell on a listener, which rings when
//! the first client connects.
#![forbid(unsafe_code)]

use std::io;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

fn main() -> io::Result<()> {
    let address = "127.0.0.1:0".parse().map_err(io::Error::other)?;
    let mut listener = TcpListener::bind(address)?;
    println!("connect to {}", listener.local_addr()?);
    // ANCHOR: bell
    let mut poll = Poll::new()?;
    let registry = poll.registry();
    registry.register(&mut listener, Token(7), Interest::READABLE)?;

    let mut events = Events::with_capacity(8);
    poll.poll(&mut events, None)?;
    for event in &events {
        println!("{:?} rings", event.token());
    }
    // ANCHOR_END: bell
    Ok(())
}
