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
    // todo: tell the moments of the connection, from `connected` to `shutdown` or `reset`
    tell(Moment::Connected, &stream, |_| true).await?;
    let mut chunk = [0; 4096];
    loop {
        stream.readable().await?;
        // Before the read: afterwards the bytes that this look is about are gone.
        let ready = stream.ready(everything()).await?;
        match stream.try_read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => {
                let moment = Moment::Data;
                println!("{}", Look { moment, ready });
                println!("read {n} bytes");
            }
            // tokio has taken the note back, so the next `readable` waits.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                return tell(Moment::Reset, &stream, Ready::is_write_closed).await;
            }
            Err(error) => return Err(error),
        }
    }
    tell(Moment::Goodbye, &stream, Ready::is_read_closed).await?;
    stream.shutdown().await?;
    tell(Moment::Shutdown, &stream, Ready::is_write_closed).await
    // end
}

// yours: whatever else you need
/// All that a look asks about. A connection that stands is writable or closed,
/// so this never waits long.
fn everything() -> Interest {
    Interest::READABLE | Interest::WRITABLE | Interest::ERROR
}

/// Prints what the note says, as soon as the driver has heard of the moment.
async fn tell(
    moment: Moment,
    stream: &TcpStream,
    has_heard: impl Fn(Ready) -> bool,
) -> io::Result<()> {
    loop {
        let ready = stream.ready(everything()).await?;
        if has_heard(ready) {
            println!("{}", Look { moment, ready });
            return Ok(());
        }
        // A read or a shutdown has heard of it from the kernel. The note is as old
        // as the driver's last turn.
        task::yield_now().await;
    }
}
// end
