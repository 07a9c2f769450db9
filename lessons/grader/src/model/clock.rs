//! Time, in a model of threads: the clock, and the sleeps that have a time-out.
//!
//! Invariant: the clock stands still, and a sleep whose time is over moves it on, to just behind
//! that time. So an hour passes at once, and only where a thread sleeps for an hour.
//!
//! The model lets a thread wake up for no reason. Where the thread sleeps with a time-out, the
//! reason is that the time is over: so the model tries both, a call that comes in time and one that
//! does not, and every order of the steps around them.

use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::sync::Mutex;
use std::time::Duration;

use crate::mutex::lock;

use loom::sync::Notify;

/// How much time has passed in this run; [`begin`] sets it to zero.
static NOW: Mutex<Duration> = Mutex::new(Duration::ZERO);

/// As `std::time::Instant`, on the model's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

/// A sleep that has begun.
pub(super) struct Sleep {
    /// The time on the clock when it ends by itself; `None` for a sleep without a time-out.
    over_at: Option<Duration>,
}

/// Why a sleep has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Called,
    TimeIsOver,
    NoReason,
}

/// Sets the clock of a new run.
pub(super) fn begin() {
    *lock(&NOW) = Duration::ZERO;
}

impl Sleep {
    /// Begins a sleep of `at_most` this long; `None` is for ever.
    pub(super) fn begin(at_most: Option<Duration>) -> Self {
        let now = *lock(&NOW);
        Self {
            over_at: at_most.map(|at_most| now.saturating_add(at_most)),
        }
    }

    /// Sleeps until the notify, or until the model ends it. A sleep of no time is over at once.
    pub(super) fn wait(&self, notify: &Notify) {
        if self.over_at != Some(*lock(&NOW)) {
            notify.wait();
        }
    }

    /// Says why it has ended, and moves the clock on if its time is over.
    pub(super) fn end(&self, called: bool) -> End {
        match self.over_at {
            _ if called => End::Called,
            None => End::NoReason,
            Some(over_at) => {
                let mut now = lock(&NOW);
                // A moment later, as on any clock: nobody goes to sleep for the rest of no time.
                *now = now.max(over_at.saturating_add(Duration::from_nanos(1)));
                End::TimeIsOver
            }
        }
    }
}

impl End {
    /// As the diary says it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Called => "wakes up",
            Self::TimeIsOver => "wakes up, since the time is over",
            Self::NoReason => "wakes up for no reason",
        }
    }
}

impl Instant {
    /// The present time on the model's clock.
    #[must_use]
    pub fn now() -> Self {
        Self(*lock(&NOW))
    }

    /// How much time has passed since.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// The time from `earlier` to this; zero if that is the later one.
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }

    /// As [`Instant::duration_since`], but `None` if `earlier` is the later one.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0)
    }

    /// As [`Instant::duration_since`].
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment so much later, if there is such a moment.
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }

    /// The moment so much earlier, if there is such a moment.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0 - duration)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}
