//! A place for one thread to sleep in until it is called, in three states.
//!
//! Invariant: whoever changes `state` from `PARKED` to `NOTIFIED` passes through the lock before
//! the bell is rung, so that the one who has said `PARKED` is asleep by then.

use std::sync::Arc;
use std::task::Wake;
use std::time::Duration;

use super::sync::atomic::AtomicUsize;
use super::sync::atomic::Ordering::SeqCst;
use super::sync::{Condvar, Instant, Mutex, MutexGuard};

const EMPTY: usize = 0;
const PARKED: usize = 1;
const NOTIFIED: usize = 2;

/// A place for one thread to sleep in until it is called.
#[derive(Debug, Default)]
pub struct Parker {
    state: AtomicUsize,
    /// Held from saying `PARKED` until asleep.
    falling_asleep: Mutex<()>,
    bell: Condvar,
}

impl Parker {
    /// A place where nobody sleeps and nobody has called.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sleeps until `unpark` is called; returns at once if it was called since the last `park`.
    pub fn park(&self) {
        if self.take_call() {
            return;
        }
        let mut guard = self.lock();
        if self
            .state
            .compare_exchange(EMPTY, PARKED, SeqCst, SeqCst)
            .is_err()
        {
            self.state.swap(EMPTY, SeqCst);
            return;
        }
        loop {
            guard = self.bell.wait(guard).expect("nobody panics in here");
            if self.take_call() {
                return;
            }
        }
    }

    /// As `park`, but for `at_most` this long. Returns whether it was called.
    pub fn park_timeout(&self, at_most: Duration) -> bool {
        let begun = Instant::now();
        if self.take_call() {
            return true;
        }
        let mut guard = self.lock();
        if self
            .state
            .compare_exchange(EMPTY, PARKED, SeqCst, SeqCst)
            .is_err()
        {
            self.state.swap(EMPTY, SeqCst);
            return true;
        }
        while let Some(left) = at_most.checked_sub(begun.elapsed()) {
            guard = self
                .bell
                .wait_timeout(guard, left)
                .expect("nobody panics in here")
                .0;
            if self.take_call() {
                return true;
            }
        }
        self.state.swap(EMPTY, SeqCst) == NOTIFIED
    }

    /// Ends the `park` that sleeps here now, or the next one.
    pub fn unpark(&self) {
        if self.state.swap(NOTIFIED, SeqCst) == PARKED {
            drop(self.lock());
            self.bell.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.falling_asleep.lock().expect("nobody panics in here")
    }

    fn take_call(&self) -> bool {
        self.state
            .compare_exchange(NOTIFIED, EMPTY, SeqCst, SeqCst)
            .is_ok()
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
