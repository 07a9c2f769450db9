//! What the futures do, with a probe in the place of the executor.

use std::pin::pin;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_by_hand::{Delay, YieldNow};
use grader::{Checked, Explain, Explanation, Steps, WakerProbe};

const A_YIELD: Explanation = Explanation {
    expected: "a YieldNow is pending the first time it is polled, and ready the second time",
    why: "it gives way to others once: ready at once, it gives way to nobody; pending again, it comes to no end",
    look: "what your YieldNow remembers of its first poll",
};

const A_DELAY: Explanation = Explanation {
    expected: "a Delay is ready when its time has passed, and not before",
    why: "a wake says only \"look again\", and may come at any time. Whether the time has passed has to be known from \
          elsewhere",
    look: "what your Delay looks at when it is polled again",
};

const A_PROMISE: (&str, &str, &str) = (
    "after `Pending`, somebody holds a waker, and calls it when it is time to poll again",
    "this future was pending, and nobody can call, or nobody does. It would never be polled again",
    "who has your Delay's waker while its time passes, and what is done with it then",
);

/// A yield and a delay, polled as they ask for it.
pub(super) fn leave_a_waker(steps: &Steps) -> Checked {
    let mut probe = WakerProbe::new();
    steps.now("`poll` of a YieldNow");
    let mut future = pin!(YieldNow::new());
    if probe.poll(future.as_mut())?.is_ready() {
        steps.violated_so(
            "the first poll of a YieldNow was ready: it has let nobody else run",
            A_YIELD,
        );
    }
    probe.woken()?;
    if probe.poll(future)?.is_pending() {
        steps.violated_so("a YieldNow was pending twice", A_YIELD);
    }
    steps.now("`poll` of a Delay of 100 ms");
    let mut probe = WakerProbe::new();
    let begun = Instant::now();
    let mut future = pin!(Delay::new(Duration::from_millis(100)));
    while probe.poll(future.as_mut())?.is_pending() {
        probe.woken()?;
    }
    let took = begun.elapsed();
    if took < Duration::from_millis(100) {
        steps.violated_so(
            format!("a Delay of 100 ms was ready after {took:?}"),
            A_DELAY,
        );
    }
    Ok(())
}

/// A delay that is polled with two different wakers.
pub(super) fn are_moved(steps: &Steps) -> Checked {
    let (expected, why, look) = A_PROMISE;
    for millis in [300, 1_500] {
        steps.now("a Delay is polled, and once more with another waker");
        let mut probe = WakerProbe::new();
        let mut future = pin!(Delay::new(Duration::from_millis(millis)));
        let first = probe.poll(future.as_mut()).explain(expected, why, look)?;
        if first.is_pending() {
            probe.move_task();
            if probe.poll(future.as_mut())?.is_pending() {
                return probe.woken();
            }
        }
        // So slow is this machine just now that the time was over before: try a longer one.
    }
    Ok(())
}

/// A delay that is polled before the call of its waker has returned.
pub(super) fn are_polled_while_they_wake(steps: &Steps) -> Checked {
    let (expected, why, look) = A_PROMISE;
    steps.now("a Delay that is polled before the call of its waker has returned");
    let (woken, wakes) = mpsc::channel();
    let (polled, polls) = mpsc::channel::<()>();
    // Whoever wakes waits here until the answer is known; not for ever, for it may hold a lock.
    let polls = Mutex::new(polls);
    let mut probe = WakerProbe::answering(move || {
        let _ = woken.send(());
        let _ = polls
            .lock()
            .map(|polls| polls.recv_timeout(Duration::from_millis(500)));
    });
    let mut future = pin!(Delay::new(Duration::from_millis(50)));
    let first = probe.poll(future.as_mut()).explain(expected, why, look)?;
    if first.is_pending() {
        probe.woken().explain(expected, why, look)?;
        let _ = wakes.recv();
        let answered = probe.poll(future.as_mut())?;
        let _ = polled.send(());
        if answered.is_pending() {
            probe.woken_within(Duration::from_secs(2))?;
        }
    }
    Ok(())
}
