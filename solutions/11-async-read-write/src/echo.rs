//! A client and its echo.
//!
//! Invariant: a client keeps bytes only while its socket is full, and then no more are read.

use std::cell::RefCell;
use std::io::{self, ErrorKind};

use net::TcpStream;
use net::futures_by_hand::YieldNow;
use net::reactor::Tick;
use net::tokio::io::AsyncWriteExt;

/// The most that is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

thread_local! {
    /// Of whichever client has its turn, and of no meaning between two turns.
    static BUFFER: RefCell<[u8; CHUNK]> = const { RefCell::new([0; CHUNK]) };
}

/// Echoes until the client leaves or is lost. Neither is anybody else's affair.
pub(crate) async fn serve(client: TcpStream) {
    let _ = echo(client).await;
}

async fn echo(mut client: TcpStream) -> io::Result<()> {
    loop {
        let tick = client.readable().await?;
        let (read, rest) = match BUFFER.with_borrow_mut(|buffer| echo_once(&client, tick, buffer)) {
            Ok((0, _)) => return Ok(()),
            // It was not readable after all, and has been told so.
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            echoed => echoed?,
        };
        client.write_all(&rest).await?;
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
