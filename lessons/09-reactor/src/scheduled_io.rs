//! What the reactor and a registration share: what is known of one source, and who waits for it.
//!
//! Invariant: the lock is never held while a waker is called, cloned or dropped. All three are
//! somebody else's code, which may come back here.

// what you need of std, of mio and of the other files

/// The shared state of one source. Two hold it: the registration, and the switchboard, until it is
/// told that the registration has gone.
#[derive(Debug, Default)]
pub(crate) struct ScheduledIo {
    // what is remembered of a source between an event and a poll, whichever comes first
}

// what you keep there

impl ScheduledIo {
    // what a poll does with it

    // what an event does with it

    // what a clear does with it

    // what the end of the reactor does with it
}

// and what all of these do it with
