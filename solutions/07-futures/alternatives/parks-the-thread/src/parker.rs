//! A place for one thread to sleep in until it is called: a flag, and `std`'s own parking of
//! threads.
//!
//! Invariant: who sleeps has put itself into `sleeper` before it looks at the flag; who calls has
//! set the flag before it looks who sleeps. So one of the two sees the other.

use std::sync::Arc;
use std::task::Wake;
use std::time::Duration;

use super::sync::atomic::AtomicBool;
use super::sync::atomic::Ordering::SeqCst;
use super::sync::thread::{self, Thread};
use super::sync::{Instant, Mutex, PoisonError};

/// A place for one thread to sleep in until it is called.
#[derive(Debug, Default)]
pub struct Parker {
    /// Set by a call, cleared by the park that takes it.
    called: AtomicBool,
    /// Who parked here last.
    sleeper: Mutex<Option<Thread>>,
}

impl Parker {
    /// A place where nobody sleeps and nobody has called.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sleeps until `unpark` is called; returns at once if it was called since the last `park`.
    pub fn park(&self) {
        self.lie_down();
        // Anybody may unpark a thread: only the flag says that it was a call.
        while !self.called.swap(false, SeqCst) {
            thread::park();
        }
    }

    /// As `park`, but for `at_most` this long. Returns whether it was called.
    pub fn park_timeout(&self, at_most: Duration) -> bool {
        let begun = Instant::now();
        self.lie_down();
        while !self.called.swap(false, SeqCst) {
            match at_most.checked_sub(begun.elapsed()) {
                Some(left) if !left.is_zero() => thread::park_timeout(left),
                // A call may have come since the flag was looked at.
                _ => return self.called.swap(false, SeqCst),
            }
        }
        true
    }

    /// Ends the `park` that sleeps here now, or the next one.
    pub fn unpark(&self) {
        self.called.store(true, SeqCst);
        let sleeper = self.sleeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = sleeper.as_ref() {
            thread.unpark();
        }
    }

    fn lie_down(&self) {
        let mut sleeper = self.sleeper.lock().unwrap_or_else(PoisonError::into_inner);
        *sleeper = Some(thread::current());
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.unpark();
    }
}
