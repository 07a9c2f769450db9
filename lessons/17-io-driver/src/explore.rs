//! `explore`: what the driver knows of a connection at the moments of its life, one line a moment.
//!
//! Invariant: each line is printed from a look that was taken at that moment, and
//! never from an earlier one.

use std::io::{self, ErrorKind};

use tokio::io::{AsyncWriteExt, Interest, Ready};
use tokio::net::TcpStream;
use tokio::task;

use crate::look::{Look, Moment};

/// Follows a connection until it has ended, and prints a [`Look`] at each moment. For each read
/// that brings bytes that is `data`, and right after it comes `read N bytes`: the look is taken
/// before the read, and printed once the read has brought something.
///
/// # Errors
/// When the connection fails in any other way than by a reset.
pub(crate) async fn explore(mut stream: TcpStream) -> io::Result<()> {
    todo!("tell the moments of the connection, from `connected` to `shutdown` or `reset`")
}

// whatever else you need
