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
        let mut due = Vec::new();
        {
            let mut wheel = self.wheel();
            // Without a timer it does not matter what time it is.
            wheel.next_deadline()?;
            wheel.advance(self.elapsed().as_millis() as u64, &mut due);
        }
        // The lock is free again: a waker may set timers, and cancel them.
        due.into_iter().for_each(Waker::wake);
        // So it is asked only now what comes next.
        let next = self.wheel().next_deadline()?;
        Some(Duration::from_millis(next).saturating_sub(self.elapsed()))
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
        let (key, is_earlier) = {
            let mut wheel = self.wheel();
            let is_earlier = wheel.next_deadline().is_none_or(|next| at_ms < next);
            (wheel.insert(at_ms, waker), is_earlier)
        };
        if is_earlier {
            self.bell.wake_by_ref();
        }
        key
    }

    /// Has a timer that is still set wake somebody else; returns whether it is.
    pub(crate) fn set_waker(&self, key: Key, mut waker: Waker) -> bool {
        let mut wheel = self.wheel();
        let set = wheel.get_mut(key).map(|set| mem::swap(set, &mut waker));
        let is_set = set.is_some();
        // The waker that is not needed, old or new, goes when the lock is free again.
        drop(wheel);
        is_set
    }

    /// Cancels a timer that is still set.
    pub(crate) fn cancel(&self, key: Key) -> Option<Waker> {
        self.wheel().cancel(key)
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
