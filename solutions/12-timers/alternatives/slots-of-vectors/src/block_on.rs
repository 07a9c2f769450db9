//! An executor for one future that has timers.
//!
//! Invariant: the future is polled once, and once more for each wake; in between, the thread sleeps
//! until the next deadline. A bell ends the sleep, but it is no wake.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use net::futures_by_hand::Parker;

use crate::timers::Timers;

/// The future's waker.
struct Main {
    /// Whether it was woken since it was last polled.
    woken: AtomicBool,
    parker: Arc<Parker>,
}

impl Wake for Main {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.parker.unpark();
    }
}

/// Runs a future that uses timers to its end, on this thread.
pub fn block_on<F: Future>(make: impl FnOnce(&Arc<Timers>) -> F) -> F::Output {
    let parker = Arc::new(Parker::new());
    let timers = Arc::new(Timers::new(Waker::from(Arc::clone(&parker))));
    let main = Arc::new(Main {
        woken: AtomicBool::new(true),
        parker: Arc::clone(&parker),
    });
    let waker = Waker::from(Arc::clone(&main));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(make(&timers));
    loop {
        if main.woken.swap(false, Ordering::SeqCst)
            && let Poll::Ready(output) = future.as_mut().poll(&mut cx)
        {
            return output;
        }
        // A timer that fires now calls the parker, and then the sleep ends at once.
        match timers.fire() {
            None => parker.park(),
            Some(left) => {
                parker.park_timeout(left);
            }
        }
    }
}
