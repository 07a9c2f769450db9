//! How long a turn sleeps.

use std::thread;
use std::time::{Duration, Instant};

use grader::kernel::threads::{Call, Thread};
use grader::{Checked, Explain, Steps, check, violation, wait};
use rustix::thread::gettid;

use crate::turning;

/// A time-out that is not to pass here.
const LONG: Duration = Duration::from_secs(40);
/// A turn may round its time-out up, to the next millisecond.
const ROUNDED: Duration = Duration::from_millis(1);
/// How many turns there are that are not to sleep, and in how many of them a thread may have to
/// wait for something else.
const AT_ONCE: u64 = 20;
const FOR_OTHERS: u64 = 5;

/// A turn sleeps for the time-out that its caller gives: for ever, for so long, or not at all.
///
/// # Hint
/// The caller knows when the next thing is due, and the turn does not. Who decides how long it
/// sleeps?
///
/// # Hint
/// `Poll::poll` takes an `Option<Duration>`, as `turn` does. What has to be done to the one to get
/// the other?
#[test]
fn a_turn_sleeps_as_long_as_its_caller_says() {
    check(|c| {
        c.isolated(as_long_as_it_is_told).explain(
            "the call that a turn sleeps in has the time-out that the turn was given; `None` is for ever",
            "the caller knows what is due next: a timer, or nothing. A turn that comes back sooner gets a thread up for nothing, \
             and one that comes back later makes a timer late",
            "what `turn` makes of its time-out before it waits",
        )?;
        c.isolated(not_at_all).explain(
            "a turn whose time-out is zero asks the kernel and does not sleep",
            "an executor that has tasks to run looks in between whether there is news. A sleep that is short to you is a sleep all \
             the same: the tasks wait, once for each look",
            "what `turn` makes of a time-out of zero",
        )
    });
}

/// Looks at a turn that sleeps, with a time-out and without.
fn as_long_as_it_is_told(steps: &Steps) -> Checked {
    steps.threads()?;
    let (mut reactor, _entered) = turning::reactor()?;
    let handle = reactor.handle();
    for time_out in [None, Some(LONG)] {
        steps.now(&format!("`turn({time_out:?})`, and then a ring"));
        let asleep = thread::scope(|scope| {
            let turn = scope.spawn(|| turning::turned(reactor.turn(time_out)));
            let soon = Instant::now() + Duration::from_secs(2);
            let asleep = wait::until(soon, || sleeps_in_turn(steps));
            handle.unpark();
            turn.join().expect("its panic was told").map(|_told| asleep)
        })?;
        let Some(thread) = asleep else {
            return Err(violation(format!(
                "nothing happens, and `turn({time_out:?})` does not sleep in epoll_wait"
            )));
        };
        let as_told = match (time_out, thread.time_out) {
            (None, _) => thread.for_good,
            // A time-out that lies in memory is not shown.
            (Some(_), None) => !thread.for_good,
            (Some(told), Some(shown)) => (told..=told + ROUNDED).contains(&shown),
        };
        if !as_told {
            let shown = match (thread.for_good, thread.time_out) {
                (true, _) => "without a time-out".into(),
                (false, Some(shown)) => format!("with a time-out of {} ms", shown.as_millis()),
                (false, None) => "with a time-out".into(),
            };
            return Err(violation(format!(
                "`turn({time_out:?})` sleeps in epoll_wait {shown}"
            )));
        }
    }
    Ok(())
}

/// The thread that sleeps in a turn.
fn sleeps_in_turn(steps: &Steps) -> Option<Thread> {
    let threads = steps.threads().unwrap_or_default();
    threads.into_iter().find(|t| t.sleeps_in(&[Call::Epoll]))
}

/// Turns without a time, and counts how often this thread has slept meanwhile.
fn not_at_all(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let own = gettid().as_raw_nonzero().get();
    let sleeps = || -> Checked<u64> {
        let threads = steps.threads()?;
        Ok(threads.iter().find(|t| t.id == own).map_or(0, |t| t.sleeps))
    };
    turning::settle(&mut reactor)?;
    steps.now("turns whose time-out is zero");
    let before = sleeps()?;
    for _ in 0..AT_ONCE {
        turning::turn(&mut reactor, Duration::ZERO)?;
    }
    let slept = sleeps()? - before;
    if slept > FOR_OTHERS {
        return Err(violation(format!(
            "in {AT_ONCE} turns with a time-out of zero the thread has slept {slept} times"
        )));
    }
    Ok(())
}
