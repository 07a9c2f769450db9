//! Ticks at a regular distance.
//!
//! Invariant: where a tick was not missed, the next is due a period after it was *due*, and not
//! after it came. So ticks do not drift.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::sleep::Sleep;
use crate::timers::Timers;

/// What to do when a tick comes so late that the next was due as well.
///
/// tokio 1.54: `src/time/interval.rs`, `MissedTickBehavior`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// All ticks that were missed follow at once, until there are as many as there had to be.
    #[default]
    Burst,
    /// The next tick comes a period after this one, and all later ones with it.
    Delay,
    /// The ticks that were missed are left out, and the next comes when it always had to.
    Skip,
}

/// Ticks once in every period: see [`Timers::interval`].
#[derive(Debug)]
pub struct Interval {
    timers: Arc<Timers>,
    period: Duration,
    /// When the next tick is due, counted as the timers do.
    due: Duration,
    /// Until the next tick.
    sleep: Sleep,
    missed: Missed,
}

impl Interval {
    pub(crate) fn new(timers: Arc<Timers>, period: Duration) -> Self {
        assert!(period > Duration::ZERO, "the period of an interval is zero");
        let due = timers.elapsed();
        Self {
            sleep: Sleep::new(Arc::clone(&timers), due),
            timers,
            period,
            due,
            missed: Missed::default(),
        }
    }

    /// Says what to do with ticks that were missed.
    pub fn set_missed(&mut self, missed: Missed) {
        self.missed = missed;
    }

    /// Begins anew: the next tick comes a period from now.
    pub fn reset(&mut self) {
        self.tick_at(self.timers.elapsed().saturating_add(self.period));
    }

    /// Waits for the next tick. If this is dropped before, the tick is for the next call.
    pub async fn tick(&mut self) {
        poll_fn(|cx| self.poll_tick(cx)).await;
    }

    fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(Pin::new(&mut self.sleep).poll(cx));
        let now = self.timers.elapsed();
        let next = self.due.saturating_add(self.period);
        let is_missed = now >= next;
        self.tick_at(match self.missed {
            Missed::Delay if is_missed => now.saturating_add(self.period),
            Missed::Skip if is_missed => next_after(now, next, self.period),
            _ => next,
        });
        Poll::Ready(())
    }

    fn tick_at(&mut self, due: Duration) {
        self.due = due;
        self.sleep.reset_to(due);
    }
}

/// The first that is after `now`, of all that are a number of periods after `next`.
fn next_after(now: Duration, next: Duration, period: Duration) -> Duration {
    let late = (now - next).as_nanos() % period.as_nanos();
    // It is less than the period, which is a `Duration`.
    let late = Duration::new((late / 1_000_000_000) as u64, (late % 1_000_000_000) as u32);
    (now - late).saturating_add(period)
}
