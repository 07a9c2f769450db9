//! One client: its socket, and the bytes that are between being read and being written.
//!
//! Invariant: nothing is read while something is pending, so a connection holds at most `CHUNK` bytes; a client that
//! never reads finds its own sends refused in the end.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

// a client's connection: its socket, what it has to remember between two events,
// and how it moves bytes from the socket back to the socket until that answers WouldBlock
