//! A client that does one short step a turn and says whether there may be more to do.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

/// More than this is not kept for a client that does not read, in bytes.
const MOST: usize = 32 * 1024;

/// How a turn ended.
pub(crate) enum Turn {
    Unfinished,
    Waiting,
    Over,
}

pub(crate) struct Client {
    stream: TcpStream,
    queue: VecDeque<u8>,
    goodbye: bool,
    asks_to_write: bool,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            queue: VecDeque::new(),
            goodbye: false,
            asks_to_write: false,
        }
    }

    /// One read of at most 1 000 bytes, if there is room and no goodbye yet, and one write.
    pub(crate) fn turn(&mut self, registry: &Registry, token: Token) -> io::Result<Turn> {
        let dry = self.read()?;
        let full = self.write()?;
        if self.queue.is_empty() && self.goodbye {
            return Ok(Turn::Over);
        }
        self.ask_to_write(full, registry, token)?;
        let nothing_to_read = dry || self.goodbye || self.queue.len() >= MOST;
        let nothing_to_write = full || self.queue.is_empty();
        Ok(if nothing_to_read && nothing_to_write {
            Turn::Waiting
        } else {
            Turn::Unfinished
        })
    }

    /// Returns whether the socket said that there is nothing to read now.
    fn read(&mut self) -> io::Result<bool> {
        if self.goodbye || self.queue.len() >= MOST {
            return Ok(false);
        }
        let mut bytes = [0; 1000];
        match self.stream.read(&mut bytes) {
            Ok(0) => self.goodbye = true,
            Ok(n) => self.queue.extend(&bytes[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    /// Returns whether the socket said that it takes nothing now.
    fn write(&mut self) -> io::Result<bool> {
        let (bytes, _) = self.queue.as_slices();
        if bytes.is_empty() {
            return Ok(false);
        }
        match self.stream.write(bytes) {
            Ok(n) => drop(self.queue.drain(..n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    /// Asks for writable events only while the socket is full.
    fn ask_to_write(&mut self, full: bool, registry: &Registry, token: Token) -> io::Result<()> {
        if full == self.asks_to_write {
            return Ok(());
        }
        let interest = if full {
            Interest::READABLE | Interest::WRITABLE
        } else {
            Interest::READABLE
        };
        self.asks_to_write = full;
        registry.reregister(&mut self.stream, token, interest)
    }
}
