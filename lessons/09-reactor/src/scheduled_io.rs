//! What the reactor and a registration share: what is known of one source, and who waits for it.
//!
//! Invariant: the lock is never held while a waker is called, cloned or dropped. All three are
//! somebody else's code, which may come back here.

// what you need of std, of mio and of the other files

/// The shared state of one source. Two hold it: the registration, and the switchboard, until it is
/// told that the registration has gone; and for a moment the event that is being dispatched.
#[derive(Debug, Default)]
pub(crate) struct ScheduledIo {
    // what is remembered of a source between an event and a poll, whichever comes first
}

// what an event does with it, what a poll, what a clear, and what the end of the reactor
