//! The reactor: it sleeps in the one call that waits for everything, and passes
//! on what that has to tell.
//!
//! Invariant: a turn reads no socket and runs no task. It remembers, wakes, and returns.

use std::io::{self, ErrorKind};
use std::time::Duration;

use mio::{Events, Poll};

use crate::background::Background;
use crate::handle::{self, Handle};
use crate::switchboard::BELL;

/// Events taken from the kernel in one turn. What does not fit stays there, for the next one.
const EVENTS: usize = 1024;

/// Waits for every source that is registered with it. When it is dropped, it is shut down.
///
/// tokio 1.54: `src/runtime/io/driver.rs`, `Driver`
#[derive(Debug)]
pub struct Reactor {
    poll: Poll,
    /// Filled by each turn, and of no meaning between two turns.
    events: Events,
    handle: Handle,
}

impl Reactor {
    /// Opens the kernel's side of it, and hangs up the bell.
    ///
    /// # Errors
    /// When the kernel has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let handle = Handle::new(poll.registry())?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS),
            handle,
        })
    }

    /// A handle, for everybody else.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Sleeps until the kernel tells of a source, until the bell rings, or for `timeout`; `None` is
    /// for ever. Remembers each event and wakes whoever waits for it.
    ///
    /// Returns how many events were passed on: 0 when the time was up, the bell had rung or the
    /// sleep was interrupted. The bell itself is not counted; an event whose source has gone
    /// meanwhile may be counted or not.
    ///
    /// # Errors
    /// When waiting fails, and when the reactor has been shut down.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<usize> {
        if self.handle.switchboard().is_shut_down() {
            return Err(handle::shut_down());
        }
        match self.poll.poll(&mut self.events, timeout) {
            // A stop and continue ends the sleep. Nothing has happened, and
            // the caller may turn again.
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(0),
            other => other?,
        }
        let mut dispatched = 0;
        for event in &self.events {
            // The bell has done its work: the sleep is over.
            if event.token() == BELL {
                continue;
            }
            // Looked up at the last moment: a waker that was just called may
            // have dropped the source.
            if let Some(io) = self.handle.switchboard().find(event.token()) {
                io.dispatch(event);
                dispatched += 1;
            }
        }
        Ok(dispatched)
    }

    /// Gives the reactor a thread of its own, which turns it until it is shut down.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn background(self) -> io::Result<Background> {
        Background::start(self)
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}
