//! A client: its echo, and its goodbye.
//!
//! Invariant: bytes that were read are written, also after the end has begun. After that the client
//! is told goodbye, and read to its own: a socket that is closed over unread bytes resets the
//! connection, and takes back even what was written.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::time::Duration;

use runtime::futures_by_hand::YieldNow;
use runtime::net::TcpStream;
use runtime::net::tokio::io::AsyncWriteExt;
use runtime::reactor::Tick;
use runtime::{Begun, timeout};

/// How long a client may take for its goodbye, and the server for its end.
pub(crate) const DEADLINE: Duration = Duration::from_secs(3);

/// The most that is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

thread_local! {
    /// Of whichever client has its turn, and of no meaning between two turns.
    static BUFFER: RefCell<[u8; CHUNK]> = const { RefCell::new([0; CHUNK]) };
}

/// Serves a client until it leaves or is lost, is silent for too long, or the end begins.
pub(crate) async fn serve(mut client: TcpStream, idle: Duration, mut begun: Begun) {
    // A client that is lost is nobody else's affair.
    if let Ok(End::Ours) = echo(&mut client, idle, &mut begun).await {
        let _ = timeout(DEADLINE, hang_up(&mut client)).await;
    }
}

/// Who has ended a client's echo.
enum End {
    /// The client: it has said goodbye, and has got all it sent.
    Theirs,
    /// The server. The client may have sent more than was read.
    Ours,
}

async fn echo(client: &mut TcpStream, idle: Duration, begun: &mut Begun) -> io::Result<End> {
    loop {
        let Ok(Some(tick)) = timeout(idle, begun.unless(client.readable())).await else {
            return Ok(End::Ours);
        };
        let tick = tick?;
        let (read, rest) = match BUFFER.with_borrow_mut(|buffer| echo_once(client, tick, buffer)) {
            Ok((0, _)) => return Ok(End::Theirs),
            // It was not readable after all, and has been told so.
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            echoed => echoed?,
        };
        timeout(idle, client.write_all(&rest)).await??;
        if read == CHUNK {
            // There may be more, without end. The others have their turn before that.
            YieldNow::new().await;
        }
    }
}

/// Reads once, and writes at once what the socket takes. Returns how many bytes were read, and
/// those that are still to be written: mostly none, and then nothing is allocated.
fn echo_once(client: &TcpStream, tick: Tick, buffer: &mut [u8]) -> io::Result<(usize, Vec<u8>)> {
    let read = client.try_read(tick, buffer)?;
    if read == 0 {
        return Ok((0, Vec::new()));
    }
    let written = match client.try_write(&buffer[..read]) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        written => written?,
    };
    Ok((read, buffer[written..read].to_vec()))
}

/// Says goodbye, and waits for the client's. Bytes that still come are read and dropped.
async fn hang_up(client: &mut TcpStream) -> io::Result<()> {
    client.shutdown().await?;
    loop {
        let tick = client.readable().await?;
        match BUFFER.with_borrow_mut(|buffer| client.try_read(tick, buffer)) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => YieldNow::new().await,
        }
    }
}
