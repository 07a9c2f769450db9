//! Time-outs: who is asked first, and who is dropped.

use std::future::{pending, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use grader::{Checked, Explain, Explanation, Failure, Steps, check};
use time::{Elapsed, Timers, block_on};

use crate::by_hand::{HOUR, MS, fire_until, poll, same, timers};

/// Where the future and the time are ready at once.
const BOTH: &str = "a future that is ready when its time has passed, too";

/// A time-out returns the output or `Elapsed`, whichever comes first. The loser, future or time, is
/// dropped with it, without a lock; and a future that is ready has not lost.
///
/// # Hint
/// Both may be ready in one poll. Whom do you ask first?
///
/// # Hint
/// Ask the future first: what it has is worth more than a late error. And when the time-out is
/// dropped, its fields are: the sleep cancels itself.
#[test]
fn timeout_drops_the_loser() {
    check(|c| c.isolated(one_of_two).explain_by(whose_fault));
}

fn whose_fault(failure: &Failure) -> Explanation {
    if failure.saw.contains(BOTH) {
        return Explanation {
            expected: "a future that is ready returns its output, although the time has passed as well",
            why: "on a busy machine the task comes late to its poll, and both are ready. The clock is not asked before the \
                  future: bytes that have arrived would be thrown away for an error",
            look: "which of the two your poll asks first",
        };
    }
    Explanation {
        expected: "a time-out ends with the output or with `Elapsed`, and what has lost is gone with it",
        why: "the loser is dropped, and that is all that happens to it: a future that runs on, or a timer that stays set, belongs \
              to nobody. Its drop is somebody else's code, and may use these timers",
        look: "who owns the future and the sleep, and which locks are held when they go",
    }
}

/// Counts its drop, which uses the timers.
struct Loser(Arc<Timers>, Arc<AtomicUsize>);

impl Drop for Loser {
    fn drop(&mut self) {
        let mut sleep = self.0.sleep(HOUR);
        let _ = poll(&mut sleep, Waker::noop());
        self.0.fire();
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

fn one_of_two(steps: &Steps) -> Checked {
    steps.now("a time-out of 1 ms, for a future that is never ready");
    let dropped = Arc::<AtomicUsize>::default();
    let counts = Arc::clone(&dropped);
    let output = block_on(|timers| {
        let loser = Loser(Arc::clone(timers), counts);
        timers.timeout(MS, async move {
            let _loser = loser;
            pending::<()>().await;
        })
    });
    same("its output", output, Err(Elapsed))?;
    let drops = dropped.load(Ordering::SeqCst);
    same("how often the future was dropped", drops, 1)?;
    steps.now("a time-out of an hour, for a future that is ready at its second poll");
    let (timers, _bell) = timers();
    let mut polls = 0;
    let second = poll_fn(|_| {
        polls += 1;
        if polls > 1 {
            Poll::Ready(7)
        } else {
            Poll::Pending
        }
    });
    {
        let mut timeout = pin!(timers.timeout(HOUR, second));
        let mut cx = Context::from_waker(Waker::noop());
        same(
            "its first poll",
            timeout.as_mut().poll(&mut cx),
            Poll::Pending,
        )?;
        same("whether its timer is set", timers.fire().is_some(), true)?;
        same(
            "its second poll",
            timeout.as_mut().poll(&mut cx),
            Poll::Ready(Ok(7)),
        )?;
    }
    same(
        "what `fire` returns when it was dropped",
        timers.fire(),
        None,
    )?;
    steps.now(BOTH);
    let mut polls = 0;
    let late = poll_fn(|_| {
        polls += 1;
        if polls > 1 {
            Poll::Ready(8)
        } else {
            Poll::Pending
        }
    });
    {
        let mut timeout = pin!(timers.timeout(Duration::ZERO, late));
        let mut cx = Context::from_waker(Waker::noop());
        if timeout.as_mut().poll(&mut cx).is_pending() {
            // When a later one has fired, it has as well.
            let mut later = timers.sleep(MS);
            let look = || poll(&mut later, Waker::noop()).is_ready().then_some(());
            fire_until(&timers, "the end of a sleep", look)?;
            let polled = timeout.as_mut().poll(&mut cx);
            same(BOTH, polled, Poll::Ready(Ok(8)))?;
        }
    }
    steps.now("the error of a time-out, as an I/O error");
    same(
        "its kind",
        io::Error::from(Elapsed).kind(),
        ErrorKind::TimedOut,
    )
}
