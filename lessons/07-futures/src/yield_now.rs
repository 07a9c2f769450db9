//! The smallest future that is ever pending: it lets others run once.
//!
//! Invariant: it returns `Pending` exactly once, and has called the waker by then.

use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that is pending the first time it is polled, and asks to be polled again at once.
#[derive(Debug, Default)]
#[must_use = "a future does nothing until it is polled"]
pub struct YieldNow {
    /// Whether it has been polled before. Set by the first poll.
    yielded: bool,
}

impl YieldNow {
    /// A future that has not yielded yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        todo!("pending once, ready the next time; who sees to it that there is a next time?")
    }
}
