//! A future that lets others run once, by a thread that calls it back.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

/// A future that is pending the first time it is polled, and called soon after.
#[derive(Debug, Default)]
#[must_use = "a future does nothing until it is polled"]
pub enum YieldNow {
    /// Not polled yet.
    #[default]
    Fresh,
    /// Pending once.
    Yielded,
}

impl YieldNow {
    /// A future that has not yielded yet.
    pub fn new() -> Self {
        Self::Fresh
    }
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut *self, Self::Yielded) {
            Self::Yielded => Poll::Ready(()),
            Self::Fresh => {
                let waker = cx.waker().clone();
                thread::spawn(move || waker.wake());
                Poll::Pending
            }
        }
    }
}
