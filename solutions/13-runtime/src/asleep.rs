//! Whether a thread sleeps, and who ends its sleep.
//!
//! Invariant: the thread says that it sleeps *before* it looks for something to do, and others
//! bring something *before* they look whether it sleeps. Of two that do so at the same time, at
//! least one sees the other.
//!
//! Atomics come from `super::sync`, never from `std` directly: a model puts its own there.

use super::sync::atomic::AtomicBool;
use super::sync::atomic::Ordering::SeqCst;

/// Whether a thread sleeps, or is about to.
#[derive(Debug)]
pub struct Asleep(AtomicBool);

impl Asleep {
    /// It does not.
    #[must_use]
    pub fn not_yet() -> Self {
        Self(AtomicBool::new(false))
    }

    /// The thread says that it sleeps. It has to look after that, and only then to sleep.
    pub fn begin(&self) {
        self.0.store(true, SeqCst);
    }

    /// The thread says that it is awake.
    pub fn end(&self) {
        self.0.store(false, SeqCst);
    }

    /// Somebody has brought something. Returns whether the sleep has to be ended: of several who
    /// ask during one sleep, the first has to do it.
    pub fn has_to_be_woken(&self) -> bool {
        self.0.swap(false, SeqCst)
    }
}
