//! What a delay costs, and when its time begins.

use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures_by_hand::Delay;
use grader::{Checked, Explain, Steps, WakerProbe, check};

/// How often a delay is polled that is far from over.
const POLLS: usize = 200;
/// As many threads as a delay, and what it stands on, may have.
const FEW: usize = 8;

/// The time of a Delay begins with its first poll. Until then it is a value that does nothing.
///
/// # Hint
/// When does your thread begin to sleep, and for how long? Which of the two was fixed in `new`?
///
/// # Hint
/// `new` stores the time and nothing else. The first poll finds that nothing was begun, and begins.
#[test]
fn a_delay_begins_with_its_first_poll() {
    check(|c| {
        c.isolated(begin_when_polled).explain(
            "a Delay is ready when its time has passed since its first poll",
            "a future does nothing before it is polled: it may be made now and awaited in an hour. A clock that runs from \
             `new` on has run out by then",
            "what your `new` looks up or starts",
        )
    });
}

/// A Delay may be polled as often as anybody likes: it starts one thread, and no more.
///
/// # Hint
/// Each poll has another waker for you. Does each need another thread to wait for it?
///
/// # Hint
/// The first poll starts the thread. Later ones leave their waker where that thread will look for
/// it when the time is over.
#[test]
fn a_delay_starts_one_thread() {
    check(|c| {
        c.isolated(cost_one_thread).explain(
            "a Delay starts one thread, in its first poll, however often it is polled",
            "an executor may poll more often than it has to, and a future that stands in another is polled with it. A thread \
             for each poll is one more for each wake that was meant for somebody else, and all of them sleep to the end",
            "what your poll starts when it is not the first",
        )
    });
}

/// A delay that is made, and polled only when as much time has passed as it waits.
pub(super) fn begin_when_polled(steps: &Steps) -> Checked {
    let time = Duration::from_millis(100);
    steps.now("a Delay of 100 ms that is made 100 ms before its first poll");
    let mut future = pin!(Delay::new(time));
    thread::sleep(time);
    let mut probe = WakerProbe::new();
    let begun = Instant::now();
    while probe.poll(future.as_mut())?.is_pending() {
        probe.woken()?;
    }
    let took = begun.elapsed();
    if took < time {
        steps.violated(format!(
            "a Delay of 100 ms was ready {took:?} after its first poll"
        ));
    }
    Ok(())
}

/// A delay that is polled many times before its time is over, each time with another waker.
pub(super) fn cost_one_thread(steps: &Steps) -> Checked {
    let before = steps.threads()?.len();
    steps.now("a Delay of an hour, polled two hundred times");
    let mut future = pin!(Delay::new(Duration::from_secs(3600)));
    let (mut probe, mut polls) = (WakerProbe::new(), 0);
    let _ = probe.races(
        |cx| match future.as_mut().poll(cx) {
            Poll::Ready(()) => steps.violated("a Delay of an hour was ready at once"),
            Poll::Pending => Poll::<()>::Pending,
        },
        || {
            polls += 1;
            polls == POLLS
        },
    )?;
    let begun = steps.threads()?.len().saturating_sub(before);
    if begun > FEW {
        steps.violated(format!(
            "a Delay was polled {POLLS} times, and has begun {begun} threads"
        ));
    }
    Ok(())
}
