//! The bell, and the thread that sleeps until the next deadline.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Instant;

use grader::kernel::threads::Call;
use grader::{Checked, Explain, Explanation, Failure, Steps, check, violation, wait};
use time::{Timers, block_on};

use crate::by_hand::{HOUR, MS, poll, same, timers, waits};

/// Where a later timer is set.
const LATER: &str = "a timer that is later than all others";

/// A timer that is earlier than all others rings the bell, from whichever thread, and ends the
/// sleep that was to last until the next of them. A later one does not ring.
///
/// # Hint
/// A thread sleeps until the deadline that `fire` has told it. Who tells it of a nearer one?
///
/// # Hint
/// When a timer is set, compare it with what was the next deadline before. Ring when the lock is
/// free again.
#[test]
fn an_earlier_deadline_rings_and_a_later_one_does_not() {
    check(|c| {
        c.isolated(rings_when_needed).explain_by(rang)?;
        c.isolated(a_nearer_one_ends_the_sleep).explain(
            "a timer that another thread sets, earlier than all others, ends the sleep of the thread that fires",
            "that thread sleeps until a deadline that was the next one when it looked. It hears of the new one only if somebody \
             calls it, or an hour later",
            "whether the bell is rung for an earlier timer, and what your `block_on` does when it is",
        )
    });
}

fn rang(failure: &Failure) -> Explanation {
    if failure.saw.contains(LATER) {
        return Explanation {
            expected: "a timer that is later than another rings nobody",
            why: "the thread that sleeps will get up in time for it anyway. A ring for each timer is a system call for each \
                  time-out of each message, and a thread that wakes to find nothing",
            look: "on what condition you ring",
        };
    }
    Explanation {
        expected: "a timer that is earlier than all others rings, once",
        why: "a thread that sleeps until the next deadline has been told another one, and sleeps beyond the new one",
        look: "on what condition you ring, and what you compare with: before the timer is set, or after",
    }
}

fn rings_when_needed(steps: &Steps) -> Checked {
    let (timers, bell) = timers();
    let mut kept = Vec::new();
    let mut set = |time, what: &str, rings: bool| -> Checked {
        steps.now(what);
        let mut sleep = timers.sleep(time);
        waits(what, &mut sleep, Waker::noop())?;
        same(&format!("whether {what} rings"), bell.take() > 0, rings)?;
        waits(what, &mut sleep, Waker::noop())?;
        same(
            &format!("whether {what} rings when it is polled again"),
            bell.take() > 0,
            false,
        )?;
        kept.push(sleep);
        Ok(())
    };
    set(HOUR, "the first timer", true)?;
    set(HOUR * 2, LATER, false)?;
    let next = timers.fire();
    let Some(next) = next.filter(|next| *next > MS * 1000 && *next <= HOUR) else {
        return Err(violation(format!(
            "a timer is due in an hour, and `fire` says that there is time for {next:?}"
        )));
    };
    set(next / 2, "a timer that is earlier than all others", true)?;
    set(HOUR, LATER, false)?;
    set(HOUR * 100_000, LATER, false)
}

/// A thread sleeps in `block_on` until a timer that is far away; another thread sets a near one.
fn a_nearer_one_ends_the_sleep(steps: &Steps) -> Checked {
    steps.threads()?;
    steps.now("`block_on` of a time-out of an hour, and another thread that sets a nearer timer");
    let asleep = Arc::new(AtomicBool::new(false));
    let (seen, told) = (Arc::clone(&asleep), steps.clone());
    let output = block_on(|timers| {
        let other = Arc::clone(timers);
        let mut is_begun = false;
        let nearer = poll_fn(move |cx| {
            if std::mem::replace(&mut is_begun, true) {
                return Poll::Ready(());
            }
            let (timers, waker) = (Arc::clone(&other), cx.waker().clone());
            let (seen, told) = (Arc::clone(&seen), told.clone());
            thread::spawn(move || sets_a_nearer_one(&told, &timers, &waker, &seen));
            Poll::Pending
        });
        timers.timeout(HOUR, nearer)
    });
    same("its output", output, Ok(()))?;
    match asleep.load(Ordering::SeqCst) {
        true => Ok(()),
        false => Err(violation(
            "`block_on` had a timer, and did not sleep until it",
        )),
    }
}

fn sets_a_nearer_one(steps: &Steps, timers: &Arc<Timers>, waker: &Waker, asleep: &AtomicBool) {
    let sleeps = || {
        let threads = steps.threads().unwrap_or_default();
        let timed = threads
            .iter()
            .any(|t| t.sleeps_in(&[Call::Futex]) && t.has_a_time_out());
        timed.then_some(())
    };
    let seen = wait::until(Instant::now() + wait::PATIENCE / 2, sleeps);
    asleep.store(seen.is_some(), Ordering::SeqCst);
    let mut sleep = timers.sleep(MS);
    let _ = poll(&mut sleep, waker);
    // It stays set.
    std::mem::forget(sleep);
    if seen.is_none() {
        waker.wake_by_ref();
    }
}
