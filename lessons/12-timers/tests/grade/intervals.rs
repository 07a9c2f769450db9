//! Intervals: ticks that do not drift, and what becomes of those that were missed.
//!
//! A tick is judged by two clocks: one that was read before the interval was made, and one that was
//! read when its first tick had come. Between the two is the moment from which it counts. So no
//! verdict depends on how fast this machine is.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use grader::{Checked, Explain, Explanation, Failure, Steps, check, violation, wait};
use time::{Interval, Missed, Timers};

use crate::by_hand::{MS, fire_until, timers};

const PERIOD: Duration = Duration::from_millis(40);
/// The wheel counts whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(1);

/// An interval ticks at a fixed distance from its beginning, without drift. After a stall, `Burst`
/// makes up for every missed tick, `Delay` counts anew from the late one, and `Skip` goes on at the
/// next multiple of the period.
///
/// # Hint
/// Count from when a tick was *due*, or from when it *came*? After a thousand ticks, what is the
/// difference?
///
/// # Hint
/// The next is due a period after this one was due. Only if that has passed as well was a tick
/// missed, and then the behaviour decides.
#[test]
fn interval_behaviours_after_a_stall() {
    check(|c| {
        c.isolated(keeps_its_distance).explain(
            "tick number n is due n periods after the first, however late the ticks before it were heard",
            "each tick is a little late: the clock is rounded, the thread has to wake, the task has work to do. An interval that \
             counts from there adds all of it up, and after an hour it is seconds behind",
            "from what your interval counts the next tick",
        )?;
        c.isolated(after_a_stall).explain_by(which_behaviour)
    });
}

fn which_behaviour(failure: &Failure) -> Explanation {
    let saw = |words| failure.saw.contains(words);
    let why = if saw("Burst") {
        "`Burst` owes as many ticks as periods have passed: those that were missed are due already, and follow at once"
    } else if saw("Delay") {
        "`Delay` owes a whole period of peace after a late tick: the next is counted from when that was heard"
    } else {
        "`Skip` leaves out what was missed, and keeps the rhythm: the next tick is due at a whole number of periods from the \
         beginning, which is less than a period away"
    };
    Explanation {
        expected: "after a stall, missed ticks follow at once, or are put off, or are left out: as it was asked for",
        why,
        look: "what your interval does when the next tick is in the past already",
    }
}

/// An interval whose first tick has come, and the two clocks between which it began.
struct Ticking {
    timers: Arc<Timers>,
    interval: Interval,
    not_before: Instant,
    not_after: Instant,
}

impl Ticking {
    fn begin(missed: Missed) -> Checked<Self> {
        let (timers, _bell) = timers();
        let not_before = Instant::now();
        let mut interval = timers.interval(PERIOD);
        interval.set_missed(missed);
        fire_until(&timers, "the first tick", || ticked(&mut interval))?;
        Ok(Self {
            timers,
            interval,
            not_before,
            not_after: Instant::now(),
        })
    }

    /// Lets the time of this many half periods pass without a look at the interval.
    fn stall(&self, half_periods: u32) {
        wait::until(self.not_after + PERIOD * half_periods / 2, || None::<()>);
    }

    /// Waits for a tick, which must not come before `earliest`, and must come once `latest` has
    /// passed.
    fn ticks(&mut self, which: &str, earliest: Instant, latest: Instant) -> Checked {
        let latest = latest + ROUNDING;
        // The first poll sets the timer, and the fire after it finds it.
        while ticked(&mut self.interval).is_none() {
            let fired = Instant::now();
            self.timers.fire();
            if ticked(&mut self.interval).is_some() {
                break;
            }
            if fired > latest {
                return Err(violation(format!(
                    "{which} was due, and {:?} later it has not come",
                    fired - latest
                )));
            }
            std::thread::yield_now();
        }
        match earliest.checked_duration_since(Instant::now()) {
            Some(early) if early > Duration::ZERO => {
                Err(violation(format!("{which} came {early:?} too early")))
            }
            _ => Ok(()),
        }
    }
}

/// Polls for a tick once.
fn ticked(interval: &mut Interval) -> Option<()> {
    let mut cx = Context::from_waker(Waker::noop());
    let tick = pin!(interval.tick());
    tick.poll(&mut cx).is_ready().then_some(())
}

/// Ticks that are each heard a little late.
fn keeps_its_distance(steps: &Steps) -> Checked {
    let mut ticking = Ticking::begin(Missed::default())?;
    for number in 1..=12 {
        steps.now(&format!("tick {number} of an interval of 40 ms"));
        // The task has something to do before it asks for the next one.
        wait::until(Instant::now() + MS * 4, || None::<()>);
        let (from, to) = (ticking.not_before, ticking.not_after);
        let which = format!("tick {number}");
        ticking.ticks(&which, from + PERIOD * number, to + PERIOD * number)?;
    }
    steps.now("a tick after `reset`");
    ticking.stall(25);
    let before = Instant::now();
    ticking.interval.reset();
    let after = Instant::now();
    ticking.ticks("the tick after `reset`", before + PERIOD, after + PERIOD)
}

/// Nine and a half periods without a look.
fn after_a_stall(steps: &Steps) -> Checked {
    steps.now("an interval with `Burst`, stalled for nine and a half periods");
    let mut burst = Ticking::begin(Missed::Burst)?;
    burst.stall(19);
    for number in 1..=11 {
        let (from, to) = (burst.not_before, burst.not_after);
        let which = format!("tick {number} of `Burst`");
        burst.ticks(&which, from + PERIOD * number, to + PERIOD * number)?;
    }
    for missed in [Missed::Delay, Missed::Skip] {
        steps.now(&format!(
            "an interval with `{missed:?}`, stalled for nine and a half periods"
        ));
        let mut ticking = Ticking::begin(missed)?;
        ticking.stall(19);
        let (from, to) = (ticking.not_before, ticking.not_after);
        let before = Instant::now();
        ticking.ticks(
            &format!("the late tick of `{missed:?}`"),
            from + PERIOD,
            to + PERIOD,
        )?;
        let after = Instant::now();
        let (earliest, latest) = match missed {
            Missed::Delay => (before + PERIOD, after + PERIOD),
            // The first multiple after the late tick, by the one clock and by the other.
            _ => (
                next_multiple(from, to, before),
                next_multiple(to, from, after),
            ),
        };
        ticking.ticks(&format!("the next tick of `{missed:?}`"), earliest, latest)?;
    }
    Ok(())
}

/// `base` and so many periods as it takes to come from `counted_from` beyond `now`.
fn next_multiple(base: Instant, counted_from: Instant, now: Instant) -> Instant {
    let passed = now.saturating_duration_since(counted_from);
    let periods = (passed.as_nanos() / PERIOD.as_nanos()) as u32;
    base + PERIOD * (periods + 1)
}
