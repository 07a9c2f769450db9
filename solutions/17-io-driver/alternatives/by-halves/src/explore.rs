//! `explore`: one wait for reading and for errors, then a look at everything; the reads
//! are made through `try_io`.

use std::io::{self, ErrorKind};

use rustix::io::Errno;
use rustix::net::{RecvFlags, Shutdown, recv, shutdown};
use tokio::io::{Interest, Ready};
use tokio::net::TcpStream;

/// Follows the connection to its end.
pub(crate) async fn explore(stream: TcpStream) -> io::Result<()> {
    println!("connected: {}", look(&stream).await?);
    loop {
        let ready = stream.ready(Interest::READABLE | Interest::ERROR).await?;
        let seen = look(&stream).await?;
        if ready.is_error() {
            println!("reset: {seen}");
            return Ok(());
        }
        let mut chunk = [0; 64];
        let read = stream.try_io(Interest::READABLE, || {
            Ok(recv(&stream, &mut chunk, RecvFlags::DONTWAIT)?.1)
        });
        match read {
            Ok(0) => {
                // Where the read was ahead of the note, the driver's event of it is still to come.
                if !ready.is_read_closed() {
                    an_event(&stream).await?;
                }
                println!("goodbye: {}", look(&stream).await?);
                break;
            }
            Ok(n) => println!("data: {seen}\nread {n} bytes"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // The read was ahead of the note.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                println!("reset: {seen}");
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    match shutdown(&stream, Shutdown::Write) {
        // A reset was quicker, and nothing is left to shut.
        Ok(()) | Err(Errno::NOTCONN) => {}
        Err(error) => return Err(error.into()),
    }
    an_event(&stream).await?;
    println!("shutdown: {}", look(&stream).await?);
    Ok(())
}

/// Waits for an event that is under way.
async fn an_event(stream: &TcpStream) -> io::Result<()> {
    // Takes the note `writable` back. What closes is never taken back, so one of the two ends this
    // wait: the event, or that the write half's end has been here already.
    let refused = || Err::<(), _>(ErrorKind::WouldBlock.into());
    let _ = stream.try_io(Interest::WRITABLE, refused);
    stream.writable().await
}

async fn look(stream: &TcpStream) -> io::Result<String> {
    let interest = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
    Ok(tell(stream.ready(interest).await?))
}

fn tell(ready: Ready) -> String {
    let mut line = format!(
        "readable: {}, writable: {}",
        ready.is_readable(),
        ready.is_writable()
    );
    for (is_set, word) in [
        (ready.is_read_closed(), ", read-closed"),
        (ready.is_write_closed(), ", write-closed"),
        (ready.is_error(), ", error"),
    ] {
        line.push_str(if is_set { word } else { "" });
    }
    line
}
