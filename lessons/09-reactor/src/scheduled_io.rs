//! What the reactor and a registration share: what is known of one source, and who waits for it.
//!
//! Invariant: the lock is never held while a waker is called, cloned or dropped. All three are somebody else's code,
//! which may come back here.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use mio::event::Event;

use crate::handle;
use crate::readiness::{Direction, Tick};

/// The shared state of one source. It lives as long as the registration, and a moment longer when an event is
/// being dispatched.
#[derive(Debug, Default)]
pub(crate) struct ScheduledIo {
    // what is remembered of a source between an event and a poll, whichever comes first
}

// what an event does with it, what a poll, what a clear, and what the end of the reactor
