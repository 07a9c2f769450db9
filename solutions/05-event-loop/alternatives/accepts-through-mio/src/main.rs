//! Lesson 05, otherwise: the listener has a bell too, the client is read before anything is waited
//! for, and the buffer is tiny.
//!
//! Invariant: there is a client exactly when the listener is gone; the `Poll` holds one of the two.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, ErrorKind, Read};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);
const CLIENT: Token = Token(1);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address.parse().map_err(io::Error::other)?)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let (mut wakeups, mut events) = (0, Events::with_capacity(1));
    let mut client = loop {
        poll.poll(&mut events, None).or_else(unless_interrupted)?;
        match listener.accept() {
            Ok((client, _address)) => break Client::new(client),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    };
    poll.registry().deregister(&mut listener)?;
    poll.registry()
        .register(&mut client.stream, CLIENT, Interest::READABLE)?;
    while client.read()? {
        poll.poll(&mut events, None).or_else(unless_interrupted)?;
        wakeups += events.iter().filter(|e| e.token() == CLIENT).count();
    }
    let Client {
        bytes,
        would_blocks,
        ..
    } = client;
    println!("total {bytes} bytes, {wakeups} wakeups, {would_blocks} would-blocks");
    Ok(())
}

fn unless_interrupted(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        _ => Err(error),
    }
}

struct Client {
    stream: TcpStream,
    bytes: usize,
    would_blocks: usize,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            bytes: 0,
            would_blocks: 0,
        }
    }

    /// Reads until WouldBlock, and returns whether the client will send more.
    fn read(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 16];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    self.bytes += n;
                    println!("read {n} bytes");
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.would_blocks += 1;
                    return Ok(true);
                }
                Err(error) => return Err(error),
            }
        }
    }
}
