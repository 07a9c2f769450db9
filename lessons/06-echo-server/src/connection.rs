//! One client: its socket, and the bytes that are between being read and being written.
//!
//! Invariant: a connection holds few bytes, whatever its client does.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

// a client's connection: its socket, what it has to remember between two events,
// and how it moves bytes from the socket back to the socket until that answers WouldBlock
