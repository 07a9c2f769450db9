//! The future that `block_on` was given: it is no task, and whether it was woken is kept here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use crate::bell::Bell;

/// The waker of a main future.
pub(crate) struct MainWaker {
    /// Whether it was woken since its last poll. Set by a wake, cleared before the next poll.
    woken: AtomicBool,
    bell: Arc<Bell>,
}

impl MainWaker {
    /// Of a main future that was not polled yet.
    pub(crate) fn woken(bell: Arc<Bell>) -> Self {
        Self {
            woken: AtomicBool::new(true),
            bell,
        }
    }

    /// Whether the main future was woken.
    pub(crate) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    /// Whether the main future was woken; the wake is taken, and a poll has to follow.
    pub(crate) fn take(&self) -> bool {
        self.woken.swap(false, Ordering::SeqCst)
    }
}

impl Wake for MainWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::SeqCst) {
            self.bell.ring();
        }
    }
}
