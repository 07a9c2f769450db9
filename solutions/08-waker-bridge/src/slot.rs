//! The slot: what the bridge and its reader share, and all that they know of each other.
//!
//! Invariant: it holds the waker of the latest poll that came back with `Pending`, from then until its event.

use std::cell::Cell;
use std::task::Waker;

/// The place where a waker waits for its event.
#[derive(Default)]
pub(crate) struct Slot {
    // yours: what is kept between a poll that finds nothing and the event that follows
    /// Set by each poll that finds nothing to read, taken by the event.
    waker: Cell<Option<Waker>>,
    // end
}

impl Slot {
    // yours: how a waker gets in, and what an event does with it
    /// Leaves a waker here, in the place of any earlier one: the future may have moved to another task since.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.set(Some(waker.clone()));
    }

    /// Wakes whoever waits, once.
    pub(crate) fn wake(&self) {
        // Out of the slot first: a waker is a stranger's code, and may come back here.
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    // end
}
