//! A future that is ready after some time. Every pending poll starts a thread, which
//! wakes the task that polled.
//!
//! Invariant: nothing is shared. The clock says whether the time has passed, and each waker
//! is held by its own thread.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

/// A future that is ready when its time has passed. The time begins when it is made.
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Delay {
    over: Instant,
}

impl Delay {
    /// A future that is ready when `time` has passed.
    pub fn new(time: Duration) -> Self {
        Self {
            over: Instant::now() + time,
        }
    }
}

impl Future for Delay {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.over.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        thread::spawn(move || {
            thread::sleep(left);
            waker.wake();
        });
        Poll::Pending
    }
}
