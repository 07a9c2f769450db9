//! The reactor, and a thread for it.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::Duration;

use mio::{Events, Poll};

use crate::context::{BELL, Handle, over};

/// Waits for all sources.
#[derive(Debug)]
pub struct Reactor {
    poll: Poll,
    events: Events,
    handle: Handle,
}

impl Reactor {
    /// A reactor without any source.
    ///
    /// # Errors
    /// When there are no descriptors left.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        Ok(Self {
            handle: Handle::new(poll.registry())?,
            events: Events::with_capacity(64),
            poll,
        })
    }

    /// Its handle.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits for events, notes them all, then wakes for them all.
    ///
    /// # Errors
    /// When waiting fails, or the reactor has ended.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<usize> {
        if self.handle.slab().shut {
            return Err(over());
        }
        if let Err(error) = self.poll.poll(&mut self.events, timeout) {
            return match error.kind() {
                ErrorKind::Interrupted => Ok(0),
                _ => Err(error),
            };
        }
        let (mut wakers, mut noted) = (Vec::new(), 0);
        for event in self.events.iter().filter(|event| event.token() != BELL) {
            let word = self.handle.slab().get(event.token());
            if let Some(word) = word {
                word.note(event, &mut wakers);
                noted += 1;
            }
        }
        for waker in wakers {
            waker.wake_by_ref();
        }
        Ok(noted)
    }

    /// A thread that turns it.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn background(mut self) -> io::Result<Background> {
        let handle = self.handle();
        thread::Builder::new().spawn(move || {
            loop {
                if let Err(error) = self.turn(None) {
                    return error;
                }
            }
        })?;
        Ok(Background { handle })
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// A reactor that turns by itself.
#[derive(Debug)]
pub struct Background {
    handle: Handle,
}

impl Background {
    /// Its handle.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Background {
    /// Does not wait for the thread, which ends soon.
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}
