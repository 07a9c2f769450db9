//! The ways in which a story can end badly.

/// A way in which a story ends badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every thread that is left sleeps, and a call before that found no thread asleep.
    Unheard,
    /// Every thread that is left sleeps; every call has woken a thread, which went back to sleep.
    BackToSleep,
    /// Every thread that is left sleeps; an earlier call woke one, but the last call
    /// ([`rings`](super::rings)) did not try to wake any.
    Silent,
    /// Every thread that is left sleeps, and no thread has ever called.
    Uncalled,
    /// A call has come through, and its thread cannot see what the caller did before the call.
    Hidden,
    /// A thread waits for a lock that is never given up.
    Locked {
        /// The thread's name.
        who: String,
        /// The line where it wants the lock.
        place: String,
    },
    /// One step follows the other, without an end.
    Endless,
    /// A promise of the story itself is broken; the sentence says which.
    Broken(&'static str),
    /// The model has seen no step at all: the learner's code does not use its types.
    Unseen,
}
