//! `count`: how often a read is refused although tokio had called it ready.
//!
//! Invariant: every read comes after a `readable` that has returned, so every refusal is the
//! kernel's and not tokio's.

use std::io::{self, ErrorKind};

use tokio::net::TcpStream;

/// Reads until the other end says goodbye. Prints `read N bytes` for each chunk, `WouldBlock #n`
/// for each read that was refused, and at the end `total N bytes, W would-blocks`.
///
/// # Errors
/// When the connection is lost.
pub(crate) async fn count(stream: TcpStream) -> io::Result<()> {
    let mut chunk = [0; 4096];
    let (mut total, mut refused) = (0, 0);
    // todo: wait until the stream is readable, try one read, tell its answer; until the goodbye
    loop {
        stream.readable().await?;
        match stream.try_read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => {
                println!("read {n} bytes");
                total += n;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                println!("WouldBlock #{refused}");
            }
            Err(error) => return Err(error),
        }
    }
    println!("total {total} bytes, {refused} would-blocks");
    Ok(())
    // end
}
