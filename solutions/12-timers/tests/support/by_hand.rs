//! Timers that are fired by hand, and futures that are polled by hand.
#![allow(dead_code, reason = "no test needs all of it")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use time::Timers;

/// A bell that counts how often it was rung.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    /// How often it was rung since the last call.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Timers, and their bell.
pub(crate) fn timers() -> (Arc<Timers>, Arc<Bell>) {
    let bell = Arc::<Bell>::default();
    (Arc::new(Timers::new(Waker::from(Arc::clone(&bell)))), bell)
}

/// Polls a future once.
pub(crate) fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Fires until this is over.
pub(crate) fn fire_until(timers: &Timers, mut is_over: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_over() {
        timers.fire();
        assert!(begun.elapsed() < Duration::from_secs(20), "it never fires");
        thread::yield_now();
    }
}
