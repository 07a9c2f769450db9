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

// the sizes and types that you need

/// Reads all that `client` sends, says `read N bytes` for each chunk, and returns the
/// tally when it says goodbye.
///
/// The socket comes as the standard library gives it: it blocks.
///
/// # Errors
/// When the client is lost, by a reset for example, or when waiting for events fails.
pub(crate) fn hear_out(client: net::TcpStream) -> io::Result<Tally> {
    todo!("register the client, sleep until there is news of it, read; until it says goodbye")
}

// how to wait for events, and what to do with one
