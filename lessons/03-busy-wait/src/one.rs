//! One client, asked ten times a second whether it has said something.

use std::io::{self, ErrorKind, Read};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

/// How long to sleep between two questions. The client's bytes wait that long, at worst.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts one client and asks it for bytes until it answers with some, or with its goodbye.
///
/// # Errors
/// When the listener fails, or the client is lost.
pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    todo!("let one client in, and ask it for bytes until its answer is not WouldBlock")
}
