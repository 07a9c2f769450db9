//! One client: its socket, and the bytes that are between being read and being written.
//!
//! Invariant: nothing is read while something is pending, so a connection holds at most `CHUNK` bytes; a client that
//! never reads finds its own sends refused in the end.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

/// The most that is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// Where a connection stands after it was pumped.
pub(crate) enum Progress {
    /// The socket said WouldBlock: it owes an event.
    Waiting,
    /// The client has said goodbye and has got back all it sent.
    Finished,
}

/// A client's connection.
pub(crate) struct Connection {
    stream: TcpStream,
    // yours: what a connection has to remember between two events
    /// Bytes read and not yet taken by the socket. Only `pump` adds, only when it is empty.
    pending: Vec<u8>,
    // end
}

impl Connection {
    /// Takes over a non-blocking socket.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            // yours: and how that begins
            pending: Vec::new(),
            // end
        }
    }

    /// The socket, to deregister it.
    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Moves bytes from the socket back to the socket until it answers WouldBlock, one way or the other.
    ///
    /// # Errors
    /// When the client is lost, by a reset for example.
    pub(crate) fn pump(&mut self) -> io::Result<Progress> {
        // todo: write what is pending, then read more, until the socket says WouldBlock
        let mut chunk = [0; CHUNK];
        loop {
            if !self.flush()? {
                return Ok(Progress::Waiting);
            }
            match self.stream.read(&mut chunk) {
                // Everything pending was flushed a moment ago, so nothing is lost by leaving now.
                Ok(0) => return Ok(Progress::Finished),
                Ok(n) => self.pending.extend_from_slice(&chunk[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Ok(Progress::Waiting);
                }
                Err(error) => return Err(error),
            }
        }
        // end
    }

    // yours: a helper of `pump`, if you like
    /// Writes what is pending, and returns whether the socket took all of it.
    fn flush(&mut self) -> io::Result<bool> {
        while !self.pending.is_empty() {
            match self.stream.write(&self.pending) {
                Ok(n) => drop(self.pending.drain(..n)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
    // end
}
