//! The event loop: one `Poll`, one client, and a thread that sleeps until the kernel has news of
//! it.
//!
//! Invariant: the thread goes to sleep only when the client's last read has answered WouldBlock, or
//! when it has not read at all yet. In both cases an event is owed to it.

use std::io::{self, ErrorKind, Read};
use std::net;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::tally::Tally;

/// The client's token: what its events will carry.
const CLIENT: Token = Token(1);

// yours: the sizes and types that you need
/// Events taken from the kernel at once. One client makes one event, however much it sends.
const EVENTS: usize = 8;

/// The most that is read at once, in bytes.
const CHUNK: usize = 4 * 1024;

/// Where a client stands after it was read from.
enum Progress {
    /// The socket said WouldBlock: it owes an event.
    Waiting,
    /// The client has said goodbye.
    Finished,
}
// end

/// Reads all that `client` sends, says `read N bytes` for each chunk, and returns the
/// tally when it says goodbye.
///
/// The socket comes as the standard library gives it: it blocks.
///
/// # Errors
/// When the client is lost, by a reset for example, or when waiting for events fails.
pub(crate) fn hear_out(client: net::TcpStream) -> io::Result<Tally> {
    // todo: register the client, sleep until there is news of it, read; until it says goodbye
    client.set_nonblocking(true)?;
    let mut client = TcpStream::from_std(client);
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut client, CLIENT, Interest::READABLE)?;

    let mut events = Events::with_capacity(EVENTS);
    let mut tally = Tally::default();
    loop {
        wait(&mut poll, &mut events)?;
        if !events.iter().any(|event| event.token() == CLIENT) {
            continue;
        }
        tally.wakeups += 1;
        if let Progress::Finished = read_all(&mut client, &mut tally)? {
            return Ok(tally);
        }
    }
    // end
}

// yours: how to wait for events, and what to do with one
/// Sleeps until something happens. May return without an event.
fn wait(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    match poll.poll(events, None) {
        // A stop and continue of the process ends the sleep: nothing happened, and nothing is
        // wrong.
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        other => other,
    }
}

/// Reads until the socket answers WouldBlock: one event may stand for many chunks, and for
/// the goodbye behind them.
fn read_all(client: &mut TcpStream, tally: &mut Tally) -> io::Result<Progress> {
    let mut chunk = [0; CHUNK];
    loop {
        match client.read(&mut chunk) {
            Ok(0) => return Ok(Progress::Finished),
            Ok(n) => {
                println!("read {n} bytes");
                tally.bytes += n as u64;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                tally.would_blocks += 1;
                return Ok(Progress::Waiting);
            }
            Err(error) => return Err(error),
        }
    }
}
// end
