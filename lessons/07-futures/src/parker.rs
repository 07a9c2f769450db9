//! A place for one thread to sleep in until it is called.
//!
//! Invariant: an `unpark` is taken by exactly one park, whichever of the two comes first, with or
//! without a time-out. Several that nobody has taken yet are one.
//!
//! What this file waits with, locks, atomics or a clock, comes from `super::sync`, never from `std`
//! directly: the last check puts its own there.

use std::mem;
use std::sync::Arc;
use std::task::Wake;
use std::time::Duration;

use super::sync::{Condvar, Mutex, PoisonError};

/// A place for one thread to sleep in until it is called. In an `Arc` it is also a waker:
/// `Waker::from(Arc::clone(&parker))`.
#[derive(Debug, Default)]
pub struct Parker {
    // what a call that comes too early leaves behind, and what a sleeping thread waits at
}

impl Parker {
    /// A place where nobody sleeps and nobody has called.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sleeps until `unpark` is called; returns at once if it was called since the last
    /// `park`. Nothing else ends it.
    pub fn park(&self) {
        self.sleep(None);
    }

    /// As `park`, but for `at_most` this long. Returns whether it was called: `true` has taken the
    /// call, and `false` says that there was none in all that time.
    pub fn park_timeout(&self, at_most: Duration) -> bool {
        self.sleep(Some(at_most))
    }

    /// Ends the `park` that sleeps here now, or the next one. May be called from any thread, at any
    /// time, any number of times.
    pub fn unpark(&self) {
        todo!("leave word that somebody has called, then wake the sleeper if there is one")
    }

    /// Sleeps until somebody has called, `at_most` this long; `None` is for ever. Takes the call,
    /// and returns whether there was one.
    fn sleep(&self, at_most: Option<Duration>) -> bool {
        // A condition variable may also return for no reason at all, and so may `thread::park`.
        todo!("sleep until somebody has called, which may have been before; then the call is taken")
    }
}

/// What makes a `Waker` of an `Arc<Parker>`: to wake is to unpark.
impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.unpark();
    }
}
