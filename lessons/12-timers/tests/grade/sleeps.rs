//! Sleeps on timers that are fired by hand: when they are ready, and whom they wake.

use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use grader::{Checked, Explain, Explanation, Failure, Steps, WakerProbe, check, violation};

use crate::by_hand::{HOUR, MS, fire_until, poll, same, timers, waits};

/// A sleep is never ready before its time has passed: not by a microsecond.
///
/// # Hint
/// The wheel counts whole milliseconds. What becomes of the rest of a deadline?
///
/// # Hint
/// The clock may be rounded down, since it was that late at least. The deadline has to be rounded
/// up.
#[test]
fn never_fires_early() {
    check(|c| {
        c.isolated(each_takes_its_time).explain(
            "a sleep is ready when its time has passed, and no earlier",
            "the wheel has slots of a millisecond, and a deadline lies between two of them. Rounded down it is due up to a \
             millisecond too soon: a retry comes before the pause is over, a limit of so many a second is broken",
            "in which direction you round the deadline, and in which the clock",
        )
    });
}

fn each_takes_its_time(steps: &Steps) -> Checked {
    let (timers, _bell) = timers();
    for _ in 0..20 {
        for micros in [0, 1, 999, 1_000, 1_001, 1_500, 3_700] {
            let time = Duration::from_micros(micros);
            steps.now(&format!("a sleep of {time:?}"));
            let begun = Instant::now();
            let mut sleep = timers.sleep(time);
            let look = || poll(&mut sleep, Waker::noop()).is_ready().then_some(());
            fire_until(&timers, "the end of a sleep", look)?;
            let took = begun.elapsed();
            if took < time {
                return Err(violation(format!(
                    "a sleep of {time:?} was ready after {took:?}"
                )));
            }
            same(
                "whether it stays ready",
                poll(&mut sleep, Waker::noop()),
                Poll::Ready(()),
            )?;
        }
    }
    Ok(())
}

/// A sleep without an end is no panic: `Duration::MAX` is longer than any clock can count.
///
/// # Hint
/// Now plus the time is too large for its type, whichever you take. What would be right instead?
///
/// # Hint
/// `saturating_add` and `u64::try_from(…).unwrap_or(u64::MAX)`: the latest time that can be counted
/// is as good as never.
#[test]
fn a_sleep_for_ever_is_no_panic() {
    check(|c| {
        c.isolated(for_ever).explain(
            "a sleep of `Duration::MAX` waits, and does no harm",
            "it is how people say *never*. Added to a clock it overflows: a panic in the one build, in the other a deadline \
             that has passed long ago",
            "each sum and each conversion on the way from the duration to a slot",
        )
    });
}

fn for_ever(steps: &Steps) -> Checked {
    let (timers, _bell) = timers();
    let mut near = timers.sleep(HOUR);
    waits("a sleep of an hour", &mut near, Waker::noop())?;
    for time in [
        Duration::MAX,
        Duration::MAX / 2,
        Duration::from_millis(u64::MAX),
        HOUR * 20_000_000,
    ] {
        steps.now(&format!("a sleep of {time:?}"));
        let mut sleep = timers.sleep(time);
        waits("a sleep without an end", &mut sleep, Waker::noop())?;
        let next = timers.fire();
        if next.is_none_or(|next| next > HOUR) {
            return Err(violation(format!(
                "a timer is due in an hour, and `fire` says that there is time for {next:?}"
            )));
        }
        waits("a sleep without an end", &mut sleep, Waker::noop())?;
        steps.now(&format!("a sleep that is reset to {time:?}"));
        let mut sleep = timers.sleep(MS);
        waits("a sleep", &mut sleep, Waker::noop())
            .or(Ok::<(), ()>(()))
            .ok();
        sleep.reset(time);
        timers.fire();
        waits("a sleep without an end", &mut sleep, Waker::noop())?;
    }
    Ok(())
}

/// Of several wakers that a sleep was polled with, the latest is called, once, and no other.
///
/// # Hint
/// The timer was set by the first poll, with the waker of that poll. The task may have moved since.
///
/// # Hint
/// Find the timer by its key, and put the new waker in the place of the old one.
#[test]
fn the_latest_waker_is_the_one_called() {
    check(|c| {
        c.isolated(only_the_latest_is_called)
            .explain_by(which_waker)
    });
}

/// A waker of an earlier poll was called as well: there are several timers.
const EARLIER_TOO: &str = "wakers of earlier polls were called";

fn which_waker(failure: &Failure) -> Explanation {
    if failure.saw.contains(EARLIER_TOO) {
        return Explanation {
            expected: "a sleep has one timer, however often it is polled",
            why: "each poll sets another timer, and those of the earlier ones stay in the wheel, each with its waker. A future \
                  beside it that is polled a thousand times has set a thousand alarms",
            look: "what your poll does when the timer is set already",
        };
    }
    Explanation {
        expected: "the waker of the latest poll is called when the time has passed",
        why: "a future may move to another task between two polls: into a `select`, a `Box`, another thread. The waker of the \
              earlier poll wakes the place where it used to be",
        look: "what your poll does with its waker when the timer is set already",
    }
}

fn only_the_latest_is_called(steps: &Steps) -> Checked {
    let (timers, _bell) = timers();
    for time in [MS, MS * 30, MS * 70] {
        steps.now(&format!("a sleep of {time:?}, polled by a task that moves"));
        let mut sleep = timers.sleep(time);
        let mut probe = WakerProbe::new();
        let mut waited = true;
        for _ in 0..4 {
            probe.move_task();
            waited &= poll(&mut sleep, &probe.waker()).is_pending();
        }
        if !waited {
            // On a slow machine a millisecond is over before the fourth poll.
            continue;
        }
        let called = || (probe.wakes() + probe.stale_wakes() > 0).then_some(());
        fire_until(&timers, "a call of the waker", called)?;
        timers.fire();
        if probe.wakes() == 0 {
            return Err(violation(format!(
                "polled with four wakers, and an earlier one was called {} times, the latest never",
                probe.stale_wakes()
            )));
        }
        if probe.stale_wakes() > 0 {
            return Err(violation(format!(
                "the latest waker was called {} times, and {} {EARLIER_TOO}",
                probe.wakes(),
                probe.stale_wakes()
            )));
        }
        same("calls of the latest waker", probe.wakes(), 1)?;
        same(
            "whether it is ready now",
            poll(&mut sleep, Waker::noop()),
            Poll::Ready(()),
        )?;
    }
    Ok(())
}

/// A sleep that is reset counts from now, also one that was ready; the task that waits for it is
/// woken at the new time, and not at the old.
///
/// # Hint
/// The timer that is set has the old deadline and the waker. Which of the two do you keep?
///
/// # Hint
/// Cancel it, and set the new one with the waker that the cancelled one had.
#[test]
fn a_reset_counts_from_now() {
    check(|c| {
        c.isolated(begins_anew).explain(
            "after `reset` a sleep is ready when the new time has passed, and the task that waits is woken then",
            "a connection that is kept alive puts its time-out off with each message. A timer that stays where it was fires in \
             the middle of the talk, and one that is set without a waker wakes nobody",
            "what your reset does with the timer that is set, and with the waker in it",
        )
    });
}

fn begins_anew(steps: &Steps) -> Checked {
    let (timers, bell) = timers();
    steps.now("a sleep of an hour that is reset to a millisecond");
    let probe = WakerProbe::new();
    let mut sleep = timers.sleep(HOUR);
    waits("a sleep of an hour", &mut sleep, &probe.waker())?;
    bell.take();
    sleep.reset(MS);
    same(
        "whether the earlier deadline has rung the bell",
        bell.take() > 0,
        true,
    )?;
    let called = || (probe.wakes() > 0).then_some(());
    fire_until(&timers, "the wake at the new time", called)?;
    same(
        "whether it is ready",
        poll(&mut sleep, Waker::noop()),
        Poll::Ready(()),
    )?;
    steps.now("a sleep that was ready, and is reset to an hour");
    sleep.reset(HOUR);
    waits("a sleep that was reset", &mut sleep, Waker::noop())?;
    steps.now("a sleep of 20 ms that is put off by an hour");
    let mut put_off = timers.sleep(MS * 20);
    let put = WakerProbe::new();
    if poll(&mut put_off, &put.waker()).is_pending() {
        put_off.reset(HOUR);
        let mut after = timers.sleep(MS * 25);
        let look = || poll(&mut after, Waker::noop()).is_ready().then_some(());
        fire_until(&timers, "the end of another sleep", look)?;
        same("calls at the old time", put.wakes(), 0)?;
        waits("a sleep that was put off", &mut put_off, Waker::noop())?;
    }
    Ok(())
}
