//! How a story can end badly.

/// How a story ends badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Whoever is left sleeps, and a call has met nobody asleep before.
    Unheard,
    /// Whoever is left sleeps; every call has woken somebody, who went back to sleep.
    BackToSleep,
    /// Whoever is left sleeps; somebody was woken before, but the last call ([`rings`]) has not rung at all.
    Silent,
    /// Whoever is left sleeps, and nobody has ever called.
    Uncalled,
    /// A call came through, and what was done before it cannot be seen.
    Hidden,
    /// Somebody waits for a lock that is never given up.
    Locked {
        /// The thread's name.
        who: String,
        /// The line where it wants the lock.
        place: String,
    },
    /// It takes one step after the other and comes to no end.
    Endless,
    /// A promise of the story's own is broken.
    Broken(&'static str),
    /// The model has seen no step at all.
    Unseen,
}
