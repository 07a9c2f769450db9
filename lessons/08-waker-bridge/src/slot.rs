//! The slot: what the bridge and its reader share, and all that they know of each other.
//!
//! Invariant: from a poll that came back with `Pending` until its event, it knows whom to wake.

use std::cell::Cell;
use std::task::Waker;

/// The place where a waker waits for its event.
#[derive(Default)]
pub(crate) struct Slot {
    // what is kept between a poll that finds nothing and the event that follows
}

impl Slot {
    // how a waker gets in, and what an event does with it
}
