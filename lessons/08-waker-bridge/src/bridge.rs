//! The bridge: one `Poll`, one slot, and an event that becomes a wake.
//!
//! Invariant: it never touches the bytes. It does not even have the socket: the reader has.

use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::log::{Step, log};
use crate::read_some::Reader;
use crate::slot::Slot;

/// The token of the one socket.
const READER: Token = Token(0);

/// Events taken from the kernel at once. There is one socket, so there is never more than one.
const EVENTS: usize = 8;

/// Waits for the kernel and wakes the future.
pub struct Bridge {
    poll: Poll,
    /// Filled by each turn, and of no meaning between two turns.
    events: Events,
    /// Shared with the reader.
    slot: Rc<Slot>,
}

impl Bridge {
    /// Opens the kernel's side of the bridge.
    ///
    /// # Errors
    /// When the kernel has no descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            slot: Rc::default(),
        })
    }

    /// Takes over a non-blocking socket, registers it for reading, and hands it back as a
    /// reader that can be awaited.
    ///
    /// There is one slot, so a bridge is for one reader.
    ///
    /// # Errors
    /// When the kernel refuses the registration.
    pub fn register(&mut self, mut stream: TcpStream) -> io::Result<Reader> {
        self.poll
            .registry()
            .register(&mut stream, READER, Interest::READABLE)?;
        Ok(Reader::new(stream, Rc::clone(&self.slot)))
    }

    /// Sleeps until the kernel tells of the socket, or for `timeout`; `None` is for ever. An event
    /// wakes whoever left a waker in the slot. May return without an event.
    ///
    /// # Errors
    /// When waiting for events fails. A stop and continue of the process is no failure.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        log(Step::Sleep);
        // For each event, say so: log(Step::Event).
        todo!("wait for events, and for each of them call what an event has to call")
    }
}
