//! The side of the bridge that waits.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::reader::Reader;

/// The waker of the latest poll, until an event takes it. It is there after a poll that has found
/// bytes, too: woken once too often is no harm.
pub(crate) type Slot = Arc<Mutex<Option<Waker>>>;

/// Waits for the kernel and wakes the future.
pub struct Bridge {
    poll: Poll,
    slot: Slot,
}

impl Bridge {
    /// Opens the kernel's side of the bridge.
    ///
    /// # Errors
    /// When the kernel has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let (poll, slot) = (Poll::new()?, Slot::default());
        Ok(Self { poll, slot })
    }

    /// Takes over a non-blocking socket and registers it.
    ///
    /// # Errors
    /// When the kernel refuses the registration.
    pub fn register(&mut self, mut stream: TcpStream) -> io::Result<Reader> {
        let both = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.registry();
        registry.register(&mut stream, Token(8), both)?;
        Ok(Reader::new(stream, Arc::clone(&self.slot)))
    }

    /// Sleeps until the kernel tells of the socket, or for `timeout`.
    ///
    /// # Errors
    /// When waiting for events fails.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let until = timeout.map(|timeout| Instant::now() + timeout);
        let mut events = Events::with_capacity(1);
        println!("sleep");
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            match self.poll.poll(&mut events, left) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        println!("event");
        let waker = self
            .slot
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}
