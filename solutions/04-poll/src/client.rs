//! One client: its socket, and the bytes that it has sent and not got back yet.
//!
//! Invariant: the bytes kept here for one client are few, whatever it does; one that never reads
//! finds its own sends refused in the end.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use rustix::event::{PollFd, PollFlags};

// yours: a client: its socket, what it has to remember until the next turn, what poll is to be
// asked about it, and what is done when it is ready
/// The most that is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// A client and what is under way for it.
pub(crate) struct Client {
    stream: TcpStream,
    /// Bytes read and not yet taken by the socket, at most `CHUNK`. Only `advance`
    /// adds, only when it is empty.
    pending: Vec<u8>,
}

impl Client {
    /// Takes over a socket, and makes it one that never blocks.
    ///
    /// # Errors
    /// When the kernel refuses that.
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            pending: Vec::new(),
        })
    }

    /// What poll is to be asked about this client now: whether it takes bytes while some are
    /// pending, else whether it sends some.
    pub(crate) fn question(&self) -> PollFd<'_> {
        let interest = if self.pending.is_empty() {
            PollFlags::IN
        } else {
            PollFlags::OUT
        };
        PollFd::new(&self.stream, interest)
    }

    /// Reads once if nothing is pending, and writes once if something is then; what is left is told
    /// again by the next `poll`. Returns whether the client stays.
    ///
    /// # Errors
    /// When the client is lost, by a reset for example.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        if self.pending.is_empty() {
            let mut chunk = [0; CHUNK];
            match self.stream.read(&mut chunk) {
                // Everything pending was written before, so nothing is lost by leaving now.
                Ok(0) => return Ok(false),
                Ok(n) => self.pending.extend_from_slice(&chunk[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        match self.stream.write(&self.pending) {
            Ok(n) => drop(self.pending.drain(..n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}
// end
