//! One client: its socket, and the bytes that it has sent and not got back yet.
//!
//! Invariant: the bytes kept here for one client are few, whatever it does; one that never reads
//! finds its own sends refused in the end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use rustix::event::{PollFd, PollFlags};

// a client: its socket, what it has to remember until the next turn, what poll is to be
// asked about it, and what is done when it is ready
