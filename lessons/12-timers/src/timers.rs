//! The timers of a runtime: a wheel of wakers, a clock, and a bell for whoever sleeps until the
//! next deadline.
//!
//! Invariant: the lock is never held while a waker or the bell is called, or a waker is cloned or
//! dropped. All of that is somebody else's code, which may come back here.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::entries::Key;
use crate::interval::Interval;
use crate::sleep::Sleep;
use crate::timeout::Timeout;
use crate::wheel::Wheel;

/// Timers that tasks on any thread set, and that one thread fires.
///
/// tokio 1.54: `src/runtime/time/mod.rs`, `Driver`
pub struct Timers {
    /// Time 0 of the wheel.
    begun: Instant,
    /// Rung for a timer that is earlier than those there were.
    bell: Waker,
    /// Whom to wake, by deadline. `fire` lets its time go on, and nobody else.
    wheel: Mutex<Wheel<Waker>>,
}

impl Timers {
    /// No timers. The bell ends the sleep of the thread that calls `fire`; it is called without a
    /// lock, on the thread that sets a timer.
    #[must_use]
    pub fn new(bell: Waker) -> Self {
        Self {
            begun: Instant::now(),
            bell,
            wheel: Mutex::default(),
        }
    }

    /// Wakes whoever waits for a deadline that has passed. Returns how long to sleep until the next
    /// call, at most; `None` is until the bell rings.
    pub fn fire(&self) -> Option<Duration> {
        todo!("let time go on, wake, and say how long nothing is due; whose code runs where?")
    }

    /// A future that is ready when `time` has passed, from now on.
    pub fn sleep(self: &Arc<Self>, time: Duration) -> Sleep {
        Sleep::new(Arc::clone(self), self.elapsed().saturating_add(time))
    }

    /// Gives a future `time` to be ready in, from now on.
    pub fn timeout<F: Future>(self: &Arc<Self>, time: Duration, future: F) -> Timeout<F> {
        Timeout::new(future, self.sleep(time))
    }

    /// Ticks once in every `period`, the first time now.
    ///
    /// # Panics
    /// When the period is zero: it would tick without end.
    pub fn interval(self: &Arc<Self>, period: Duration) -> Interval {
        Interval::new(Arc::clone(self), period)
    }

    /// The time since these timers were made.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Sets a timer, and rings if it is earlier than the others: whoever sleeps has not been told
    /// of it.
    pub(crate) fn set(&self, at_ms: u64, waker: Waker) -> Key {
        todo!("set a timer, and ring if a thread may sleep beyond it")
    }

    /// Has a timer that is still set wake somebody else; returns whether it is.
    pub(crate) fn set_waker(&self, key: Key, mut waker: Waker) -> bool {
        todo!("the latest waker is the one to be called; where is the other one dropped?")
    }

    /// Cancels a timer that is still set.
    pub(crate) fn cancel(&self, key: Key) -> Option<Waker> {
        todo!("take the timer out")
    }

    fn wheel(&self) -> MutexGuard<'_, Wheel<Waker>> {
        self.wheel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").finish_non_exhaustive()
    }
}
