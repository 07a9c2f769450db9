//! What is under way for one client: bytes read ahead, and whether it has said goodbye.
//!
//! Invariant: at most `MOST` bytes, and a client that has said goodbye with bytes under way
//! stays until they are gone.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use rustix::event::PollFlags;

/// The most that is read ahead for one client, in bytes.
const MOST: usize = 64 * 1024;

#[derive(Default)]
pub(crate) struct Traffic {
    bytes: VecDeque<u8>,
    goodbye: bool,
}

impl Traffic {
    /// What may be of use now: bytes as long as there is room for them here, room as
    /// long as there are bytes.
    pub(crate) fn interest(&self) -> PollFlags {
        let mut interest = PollFlags::empty();
        interest.set(PollFlags::IN, !self.goodbye && self.bytes.len() < MOST);
        interest.set(PollFlags::OUT, !self.bytes.is_empty());
        interest
    }

    /// Reads and writes until the socket does neither.
    ///
    /// # Errors
    /// When the client is lost, or is done.
    pub(crate) fn advance(&mut self, mut socket: &TcpStream) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            let room = buffer.len().min(MOST - self.bytes.len());
            let mut moved = 0;
            if room > 0 && !self.goodbye {
                let came = or_nothing(socket.read(&mut buffer[..room]))?;
                self.goodbye = came == Some(0);
                self.bytes.extend(&buffer[..came.unwrap_or(0)]);
                moved += came.unwrap_or(0);
            }
            while !self.bytes.is_empty() {
                let Some(went) = or_nothing(socket.write(self.bytes.as_slices().0))? else {
                    break;
                };
                self.bytes.drain(..went);
                moved += went;
            }
            if self.goodbye && self.bytes.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if moved == 0 {
                return Ok(());
            }
        }
    }
}

/// What was moved; `None` when the socket would have blocked.
fn or_nothing(moved: io::Result<usize>) -> io::Result<Option<usize>> {
    match moved {
        Ok(n) => Ok(Some(n)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
