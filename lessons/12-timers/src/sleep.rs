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
        todo!("another deadline, for the task that waits already, if one does")
    }
}

/// The first whole millisecond that is no earlier. A time that cannot be counted so is for ever.
fn rounded_up(deadline: Duration) -> u64 {
    todo!("a deadline in whole milliseconds, never early; what of one without an end?")
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        todo!("set a timer once; later polls leave their waker, or find that it has fired")
    }
}

// what is left in the wheel when this is dropped
