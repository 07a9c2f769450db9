//! `raw`: what happens to those who read behind tokio's back, for a thousand rounds,
//! and how it is put right.
//!
//! Invariant: the first loop makes its reads with `recv` itself, and tells tokio nothing. The
//! second makes the same reads inside `try_io`, which hears the answer.

use std::io::{self, ErrorKind};

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// How often the first loop is refused before it gives up.
const ROUNDS: u64 = 1000;

/// Waits for a message and reads it raw, then goes on until it was refused [`ROUNDS`] times, and
/// prints `raw: N would-blocks`. Then waits for another message, through `try_io`, and prints
/// `try_io: N would-blocks`. For what it reads it prints `read N bytes`. It ends with that second
/// message; or with a goodbye, and then it prints nothing more.
///
/// # Errors
/// When the connection is lost.
pub(crate) async fn raw(stream: TcpStream) -> io::Result<()> {
    let mut chunk = [0; 4096];
    // `recv(&stream, &mut chunk, RecvFlags::empty())` returns a pair: the
    // second is the number of bytes.
    todo!("a loop of `readable` and `recv`, then one that puts its `recv` into `try_io`")
}
