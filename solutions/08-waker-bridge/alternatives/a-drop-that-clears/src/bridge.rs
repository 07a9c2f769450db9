//! The side of the bridge that waits, and the slot that it shares with the reader.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::read_some::Reader;

/// The waker of the pending read; `None` while none is pending, or after its event.
pub(crate) type Slot = Rc<RefCell<Option<Waker>>>;

/// Waits for the kernel and wakes the future.
pub struct Bridge {
    poll: Poll,
    events: Events,
    slot: Slot,
}

impl Bridge {
    /// Opens the kernel's side of the bridge.
    ///
    /// # Errors
    /// When the kernel has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let (poll, events) = (Poll::new()?, Events::with_capacity(1));
        let slot = Slot::default();
        Ok(Self { poll, events, slot })
    }

    /// Takes over a non-blocking socket and registers it.
    ///
    /// # Errors
    /// When the kernel refuses the registration.
    pub fn register(&mut self, mut stream: TcpStream) -> io::Result<Reader> {
        let registry = self.poll.registry();
        registry.register(&mut stream, Token(0), Interest::READABLE)?;
        Ok(Reader::new(stream, Rc::clone(&self.slot)))
    }

    /// Sleeps until the kernel tells of the socket, or for `timeout`.
    ///
    /// # Errors
    /// When waiting for events fails.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        println!("sleep");
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        if !self.events.is_empty() {
            println!("event");
            let waker = self.slot.take();
            waker.into_iter().for_each(Waker::wake);
        }
        Ok(())
    }
}
