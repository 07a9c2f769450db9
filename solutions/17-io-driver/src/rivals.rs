//! `rivals`: two tasks wait for one connection, and each wants one message.
//!
//! Invariant: a task that was called for nothing waits again. It neither fails nor asks in vain.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use tokio::net::TcpStream;

/// Starts two tasks, `A` and `B`, and waits for both. Each takes one read's
/// worth of bytes and ends.
///
/// # Errors
/// When a task fails.
pub(crate) async fn rivals(stream: TcpStream) -> io::Result<()> {
    let stream = Arc::new(stream);
    let tasks = ["A", "B"].map(|name| tokio::spawn(take_one(name, Arc::clone(&stream))));
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// Waits until `stream` is readable and tries one read, again and again until it has brought
/// something. Prints `A: WouldBlock` for a read that was refused, and `A: read N bytes` for the one
/// that was not: N is 0 for a goodbye.
async fn take_one(name: &str, stream: Arc<TcpStream>) -> io::Result<()> {
    // todo: wait until readable, try one read; again, until a read has brought something
    let mut chunk = [0; 4096];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut chunk) {
            // Between the event and this read the other one was here.
            Err(error) if error.kind() == ErrorKind::WouldBlock => println!("{name}: WouldBlock"),
            answer => {
                println!("{name}: read {} bytes", answer?);
                return Ok(());
            }
        }
    }
    // end
}
