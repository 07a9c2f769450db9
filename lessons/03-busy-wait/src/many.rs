//! Any number of clients on one thread that never sleeps: it goes round and asks each of them.
//!
//! Invariant: between two rounds `clients` holds those who have been let in and have
//! neither left nor been lost.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

/// The most that is read from a client in one round, in bytes.
const CHUNK: usize = 16 * 1024;

/// Goes round for ever.
///
/// # Errors
/// When the listener cannot be made non-blocking. What goes wrong with a
/// client ends that client only.
pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    todo!("go round for ever: let in whoever waits, ask every client, and keep those who stay")
}

// how those who wait at the listener are let in without waiting for them,
// and what one client is asked, what its four answers mean, and whether it stays
