//! `explore`: a state, and what leads from one to the next.

use std::io::{self, ErrorKind};

use rustix::io::Errno;
use rustix::net::Shutdown;
use tokio::io::{Interest, Ready};
use tokio::net::TcpStream;
use tokio::task::yield_now;

use crate::look::{Look, Moment};
use crate::printer::Printer;

/// Where the connection is.
enum State {
    New,
    Open,
    Half,
    Shut,
    Broken,
}

/// Follows the connection to its end.
pub(crate) async fn explore(stream: &TcpStream, printer: &Printer) -> io::Result<()> {
    let mut state = State::New;
    loop {
        state = match state {
            State::New => {
                let ready = look(stream).await?;
                printer.say(Look {
                    moment: Moment::Connected,
                    ready,
                });
                State::Open
            }
            State::Open => read_one(stream, printer).await?,
            State::Half => {
                let ready = until(stream, Ready::is_read_closed).await?;
                printer.say(Look {
                    moment: Moment::Goodbye,
                    ready,
                });
                match rustix::net::shutdown(stream, Shutdown::Write) {
                    Ok(()) | Err(Errno::NOTCONN) => State::Shut,
                    Err(error) => return Err(error.into()),
                }
            }
            State::Shut => {
                let ready = until(stream, Ready::is_write_closed).await?;
                printer.say(Look {
                    moment: Moment::Shutdown,
                    ready,
                });
                return Ok(());
            }
            State::Broken => {
                let ready = look(stream).await?;
                printer.say(Look {
                    moment: Moment::Reset,
                    ready,
                });
                return Ok(());
            }
        };
    }
}

/// Waits, looks and reads.
async fn read_one(stream: &TcpStream, printer: &Printer) -> io::Result<State> {
    stream.readable().await?;
    let ready = look(stream).await?;
    let mut chunk = vec![0; 10_000];
    match stream.try_read(&mut chunk) {
        Ok(0) => return Ok(State::Half),
        Ok(n) => {
            let moment = Moment::Data;
            printer.say(format!("{}\nread {n} bytes", Look { moment, ready }));
        }
        Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(State::Broken),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(error) => return Err(error),
    }
    Ok(State::Open)
}

async fn look(stream: &TcpStream) -> io::Result<Ready> {
    let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
    stream.ready(all).await
}

async fn until(stream: &TcpStream, holds: fn(Ready) -> bool) -> io::Result<Ready> {
    loop {
        let ready = look(stream).await?;
        if holds(ready) {
            return Ok(ready);
        }
        yield_now().await;
    }
}
