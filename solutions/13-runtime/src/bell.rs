//! The bell: it ends the sleep of the thread that drives the runtime, if that sleeps.
//!
//! Invariant: nothing is written to the kernel unless another thread sleeps. Most wakes come from
//! the thread that drives, and that will look by itself.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Wake;

use time::reactor;

use crate::asleep::Asleep;

/// The number of the next bell. No two have the same, and none has 0.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The bell of the runtime that this thread drives, the innermost; 0 where it drives none.
    static DRIVEN: Cell<u64> = const { Cell::new(0) };
}

/// Rung by whoever has something to do for the runtime.
#[derive(Debug)]
pub(crate) struct Bell {
    /// By which a thread knows whether it is its own bell. An address would be used again.
    number: u64,
    /// Whether the thread that drives the runtime sleeps.
    asleep: Asleep,
    reactor: reactor::Handle,
}

impl Bell {
    pub(crate) fn new(reactor: reactor::Handle) -> Self {
        Self {
            number: NUMBERS.fetch_add(1, Ordering::SeqCst),
            asleep: Asleep::not_yet(),
            reactor,
        }
    }

    /// Says that it is this thread which drives the runtime, until the guard is dropped.
    pub(crate) fn drive(&self) -> Driving {
        Driving {
            outer: DRIVEN.replace(self.number),
        }
    }

    /// What the thread says of itself before and after it sleeps.
    pub(crate) fn asleep(&self) -> &Asleep {
        &self.asleep
    }

    pub(crate) fn ring(&self) {
        if DRIVEN.get() != self.number && self.asleep.has_to_be_woken() {
            self.reactor.unpark();
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

/// A thread's stay in the loop of a runtime.
#[must_use = "the loop is left when this is dropped"]
pub(crate) struct Driving {
    /// The bell of the loop around this one.
    outer: u64,
}

impl Drop for Driving {
    fn drop(&mut self) {
        DRIVEN.set(self.outer);
    }
}
