//! A future that is ready when its deadline has passed.
//!
//! Invariant: from a poll that was pending until the deadline, the wheel has the waker of the
//! latest poll. When this is dropped, the wheel has nothing of it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::entries::Key;
use crate::timers::Timers;

/// A future that is ready when its time has passed: see [`Timers::sleep`].
///
/// tokio 1.54: `src/time/sleep.rs`, `Sleep`
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Sleep {
    timers: Arc<Timers>,
    /// The first millisecond at which it may be ready.
    at_ms: u64,
    /// Of its timer, which the first poll sets; `None` before.
    key: Option<Key>,
}

impl Sleep {
    /// `deadline` is counted as the timers do.
    pub(crate) fn new(timers: Arc<Timers>, deadline: Duration) -> Self {
        Self {
            timers,
            at_ms: rounded_up(deadline),
            key: None,
        }
    }

    /// Begins anew: it is ready when `time` has passed, from now on. The waker is called then.
    pub fn reset(&mut self, time: Duration) {
        self.reset_to(self.timers.elapsed().saturating_add(time));
    }

    pub(crate) fn reset_to(&mut self, deadline: Duration) {
        self.at_ms = rounded_up(deadline);
        let waker = self.key.take().and_then(|key| self.timers.cancel(key));
        self.key = waker.map(|waker| self.timers.set(self.at_ms, waker));
    }
}

/// The first whole millisecond that is no earlier. A time that cannot be counted so is for ever.
fn rounded_up(deadline: Duration) -> u64 {
    let is_between = !deadline.subsec_nanos().is_multiple_of(1_000_000);
    u64::try_from(deadline.as_millis() + u128::from(is_between)).unwrap_or(u64::MAX)
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        match self.key {
            None => self.key = Some(self.timers.set(self.at_ms, waker)),
            Some(key) if self.timers.set_waker(key, waker) => {}
            // It is not set any more: it has fired.
            Some(_) => return Poll::Ready(()),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            // The waker is dropped here, without the lock.
            let _waker = self.timers.cancel(key);
        }
    }
}
