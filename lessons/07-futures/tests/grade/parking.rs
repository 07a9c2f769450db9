//! What a parker does, called directly.

use std::sync::Arc;
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use futures_by_hand::{Parker, block_on};
use grader::kernel::threads::Call;
use grader::{Checked, Explain, Explanation, Steps, check, wait};

use super::strangers::pending_once;

const SHORT: Duration = Duration::from_millis(100);
const AN_HOUR: Duration = Duration::from_secs(3600);
const THE_FLAG_KNOWS: Explanation = Explanation {
    expected: "`park_timeout` returns `true` when a call was there, and `false` when the time has passed without one",
    why: "a call and the end of the time may come together, or the call may have come long before. How long the sleep took \
          says nothing about that: only what the call has left behind does",
    look: "what the answer of your `park_timeout` is made from",
};

/// An `unpark` that comes before the `park` ends it all the same: the park returns at once.
///
/// # Hint
/// The sleeper may be late: it has polled, and is on its way to sleep. What does the
/// caller leave behind for it?
///
/// # Hint
/// A `bool` in a `Mutex`: `unpark` sets it and rings the condition variable. `park` looks
/// first whether it is set.
#[test]
fn a_wake_before_the_park_is_not_lost() {
    check(|c| {
        c.isolated(is_called_before_it_parks).explain(
            "a `park` that comes after the `unpark` returns at once",
            "between a poll and the sleep after it there is time for a wake. A bell that nobody can hear yet is lost, \
             unless whoever rings it also leaves word",
            "what `unpark` changes that a later `park` can see",
        )
    });
}

/// Whoever parks is the one that is called: a parker may be made on one thread, and slept in on
/// another.
///
/// # Hint
/// Which thread does your `unpark` wake, and when was that decided?
///
/// # Hint
/// A condition variable wakes whoever sleeps at it. With `std`'s own parking, say `thread::current`
/// in `park`, before each sleep, and not in `new`.
#[test]
fn the_thread_that_parks_is_the_one_that_is_called() {
    check(|c| {
        c.isolated(is_made_elsewhere).explain(
            "an `unpark` ends the sleep of whichever thread is in `park`",
            "a parker that remembers the thread on which it was made calls that one, for ever: it wakes a thread that does not \
             sleep, and the one that sleeps hears nothing",
            "whom `unpark` calls, and where the parker has learned that",
        )
    });
}

/// A park with a time-out ends when its time is over, and sooner when somebody calls. It takes the
/// call either way, and says whether there was one; several calls that nobody has taken are one.
///
/// # Hint
/// Whoever leaves the sleep clears the flag, whether or not there was a time-out. What was the flag
/// before that?
///
/// # Hint
/// `Condvar::wait_timeout_while` sleeps while a condition holds, and not longer than it is told.
///
/// # Hint
/// `std::mem::take` clears a `bool` and returns what it was, under the one lock.
#[test]
fn a_time_out_ends_the_park_and_a_call_ends_it_sooner() {
    check(|c| {
        c.isolated(parks_for_a_time).explain(
            "`park_timeout` comes back when its time is over, and at once if somebody has called before",
            "a park that ignores its time-out sleeps for ever; and so, or nearly so, does one with a time-out that \
             does not look first whether somebody has called",
            "how your sleep ends when its time is over, and what it looks at before it begins",
        )
    });
}

/// Called first, parked afterwards.
pub(super) fn is_called_before_it_parks(steps: &Steps) -> Checked {
    steps.now("`unpark`, and only then `park`");
    let parker = Parker::new();
    parker.unpark();
    parker.park();
    steps.now("a waker made of the parker is woken, and only then `park`");
    let parker = Arc::new(Parker::new());
    Waker::from(Arc::clone(&parker)).wake();
    parker.park();
    steps.now("`block_on` of a future that wakes its task while it is being polled");
    block_on(pending_once(()));
    Ok(())
}

/// Made here, parked elsewhere, and called from here: while it sleeps, and a second time.
pub(super) fn is_made_elsewhere(steps: &Steps) -> Checked {
    let parker = Arc::new(Parker::new());
    let in_futex = || {
        let threads = steps.threads().unwrap_or_default();
        threads
            .iter()
            .filter(|t| t.sleeps_in(&[Call::Futex]))
            .count()
    };
    let others = in_futex();
    for round in ["", ", once more"] {
        steps.now(&format!(
            "`park` on one thread, and `unpark` of it from the thread that has made the parker{round}"
        ));
        let sleeper = thread::spawn({
            let parker = Arc::clone(&parker);
            move || parker.park()
        });
        // Where this machine does not show the sleep, the call may come before it: it counts too.
        let soon = Instant::now() + Duration::from_secs(1);
        let _ = wait::until(soon, || (in_futex() > others).then_some(()));
        parker.unpark();
        sleeper.join().expect("its panic was told");
    }
    Ok(())
}

/// Parked with a time-out: without a call, after two, after those were taken, and while it is
/// called.
pub(super) fn parks_for_a_time(steps: &Steps) -> Checked {
    let parker = Parker::new();
    steps.now("`park_timeout` of 100 ms, without a call");
    let (called, slept) = timed(|| parker.park_timeout(SHORT));
    if slept < SHORT {
        steps.violated_so(
            format!("nobody called, and it returned after {slept:?} of 100 ms"),
            Explanation {
                expected: "`park_timeout` sleeps for its time unless somebody calls",
                why: "a condition variable may return for no reason, and then time is left; and a sleep that is never \
                      begun is over at once. Whoever counts on the time is early",
                look: "what ends your sleep while no call has come and the time is not over",
            },
        );
    }
    says(steps, called, false, "nobody had called");
    for (words, at_most) in [("an hour", AN_HOUR), ("no time", Duration::ZERO)] {
        steps.now(&format!("`park_timeout` of {words}, after two calls"));
        parker.unpark();
        parker.unpark();
        let called = parker.park_timeout(at_most);
        says(steps, called, true, "it had been called before");
        steps.now("`park_timeout` of 100 ms, after those calls were taken");
        let (called, slept) = timed(|| parker.park_timeout(SHORT));
        if called || slept < SHORT {
            steps.violated_so(
                format!(
                    "the calls were taken, and the next `park_timeout` returned `{called}` after {slept:?} of 100 ms"
                ),
                Explanation {
                    expected: "a park takes the call that ends it, and several that nobody has taken are one",
                    why: "a call that is not taken ends the next park too, and the one after it: a thread that cannot \
                          sleep spins",
                    look: "who clears what `unpark` has set, whether or not there was a time-out, and how much of it",
                },
            );
        }
    }
    Ok(())
}

fn says(steps: &Steps, called: bool, is_called: bool, since: &str) {
    if called != is_called {
        let saw = format!("{since}, and `park_timeout` returned `{called}`");
        steps.violated_so(saw, THE_FLAG_KNOWS);
    }
}

fn timed<T>(f: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (f(), begun.elapsed())
}
