//! Lesson 05, otherwise: the buffer holds one byte, the socket answers an iterator, and each return
//! of the wait leads to reads, whatever it has brought.
//!
//! Invariant: the thread waits only after a read that answered WouldBlock.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, ErrorKind, Read};
use std::iter;
use std::net::TcpListener;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let (client, _address) = listener.accept()?;
    client.set_nonblocking(true)?;
    let mut client = TcpStream::from_std(client);
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(1));
    poll.registry()
        .register(&mut client, Token(7), Interest::READABLE)?;

    let (mut bytes, mut wakeups, mut would_blocks) = (0, 0, 0);
    'client: loop {
        let mut byte = [0];
        for answer in iter::repeat_with(|| client.read(&mut byte)) {
            match answer {
                Ok(0) => break 'client,
                Ok(n) => {
                    bytes += n;
                    println!("read {n} bytes");
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        would_blocks += 1;
        match poll.poll(&mut events, None) {
            Ok(()) => wakeups += usize::from(!events.is_empty()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    println!("total {bytes} bytes, {wakeups} wakeups, {would_blocks} would-blocks");
    Ok(())
}
