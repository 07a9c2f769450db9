//! What the futures do, with a probe in the place of the executor.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_by_hand::{Delay, YieldNow};
use grader::{Checked, Explain, Explanation, Steps, WakerProbe, check, wait, when_cloned};

/// How long a thread that has to announce something is given beyond its time, where a lock may be
/// in its way.
const AT_A_LOCK: Duration = Duration::from_millis(300);
/// How long polls race with the end of delays.
const RACE: Duration = Duration::from_millis(400);

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

/// Whoever returns `Pending` has left a waker with somebody, or has called it already.
///
/// # Hint
/// `Pending` means: "I have seen to it that you will be called". Who will call, and with what?
///
/// # Hint
/// `YieldNow` calls `cx.waker().wake_by_ref()` itself. `Delay` leaves `cx.waker().clone()`
/// where its thread finds it.
#[test]
fn pending_always_leaves_a_waker_behind() {
    check(|c| {
        c.isolated(leave_a_waker).explain(
            "after `Pending`, somebody holds a waker or has called it, and calls it when it is time to poll again",
            "`Pending` is a promise: \"you will be called\". The executor believes it and goes to sleep; a promise \
             without a waker is a task that sleeps for ever",
            "every place where your futures return `Pending`: who has a waker at that moment?",
        )
    });
}

/// When a future is polled again with another waker, that is the one to call:
/// the task may have moved. That holds at the last moment too, when the time is just over.
///
/// # Hint
/// The waker of the first poll says where the task was then. What says where it is now?
///
/// # Hint
/// Each poll that is pending replaces the waker that the thread will take:
/// `shared.waker = Some(cx.waker().clone())`.
///
/// # Hint: while its poll clones
/// To look whether the time is over and to leave the waker has to be one step: one guard for both.
/// Clone before it, or under it.
#[test]
fn the_latest_waker_is_the_one_called() {
    check(|c| {
        c.isolated(are_moved).explain(
            "the waker of the latest poll is called, and no earlier one in its place",
            "a task can move between two polls: to another thread, or into a future that wraps it and has wakers of \
             its own. Calling where it used to be wakes nobody",
            "what a second poll of your Delay does with its waker",
        )?;
        let (expected, why, look) = (
            "a poll that is pending has left its waker before the time was over, or has found that it was over",
            "the look and the leaving are two steps there, and the thread may do all of its own in between: it says that the \
             time is over to a poll that has looked already, and calls the waker of the poll before that",
            "what lies between your look whether the time is over, and the line that leaves the waker",
        );
        c.isolated(are_moved_at_the_end)
            .explain(expected, why, look)?;
        c.isolated(are_moved_all_the_time)
            .explain(expected, why, look)
    });
}

/// What a wake announces is there when the wake comes: whoever polls at once, even within the call,
/// finds the future ready.
///
/// # Hint
/// Which comes first in your thread: saying that the time has passed, or calling the waker?
///
/// # Hint
/// Lock, set the flag, take the waker out, unlock; then wake.
#[test]
fn a_wake_finds_the_future_ready() {
    check(|c| {
        c.isolated(are_polled_while_they_wake).explain(
            "a future that is polled within the call of its waker is ready, or is called again later",
            "the call may be answered by a poll at once, on another core, before your thread has run one more line. \
             That poll finds only what was stored before the call, and there is no second call",
            "the order of two lines in your Delay's thread",
        )?;
        c.isolated(are_polled_on_the_spot).explain(
            "a waker of a Delay may poll it at once, on the thread that calls",
            "a waker is somebody else's code, and a poll is what it is for. That poll asks for the very lock that its caller \
             holds, and a thread that waits for itself waits for ever",
            "which lock your Delay's thread holds where it calls `wake`, and until which line its guard lives",
        )
    });
}

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

/// A probe, and how often any waker of it was called.
fn counting() -> (WakerProbe, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let probe = WakerProbe::answering(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    (probe, calls)
}

/// A delay whose time ends while a poll clones the waker that it is about to leave.
pub(super) fn are_moved_at_the_end(steps: &Steps) -> Checked {
    steps.now("a Delay whose time is over while its poll clones the waker that it leaves");
    let (mut probe, calls) = counting();
    let time = Duration::from_millis(50);
    let mut future = pin!(Delay::new(time));
    let begun = Instant::now();
    if probe.poll(future.as_mut())?.is_ready() {
        return Ok(());
    }
    probe.move_task();
    let polled = probe.poll_with(|cx| {
        // A clone may take its time: until the end is announced to the earlier waker, or cannot be
        // announced, since a lock is held meanwhile.
        let waker = when_cloned(cx.waker().clone(), move || {
            let over = begun + time + AT_A_LOCK;
            let _ = wait::until(over, || (calls.load(Ordering::SeqCst) > 0).then_some(()));
        });
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })?;
    if polled.is_pending() {
        probe.woken()?;
    }
    Ok(())
}

/// Delays that are polled without a pause, each time with another waker, until one is announced.
pub(super) fn are_moved_all_the_time(steps: &Steps) -> Checked {
    steps.now("a Delay of 1 ms, polled again and again, each time with another waker");
    let begun = Instant::now();
    while begun.elapsed() < RACE {
        let (mut probe, calls) = counting();
        let mut future = pin!(Delay::new(Duration::from_millis(1)));
        let announced = || calls.load(Ordering::SeqCst) > 0;
        let polled = probe.races(|cx| future.as_mut().poll(cx), announced)?;
        if polled.is_pending() {
            probe.woken()?;
        }
    }
    Ok(())
}

/// A delay whose waker polls it on the spot, in the thread that calls.
pub(super) fn are_polled_on_the_spot(steps: &Steps) -> Checked {
    steps.now("a Delay that is polled by its waker, before that returns to its caller");
    let future = Arc::new(Mutex::new(Box::pin(Delay::new(Duration::from_millis(50)))));
    let (tell, told) = mpsc::channel();
    let mut probe = WakerProbe::answering({
        let future = Arc::clone(&future);
        move || {
            let mut future = future.lock().unwrap_or_else(PoisonError::into_inner);
            let polled = future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            let _ = tell.send(polled);
        }
    });
    let first = {
        let mut future = future.lock().unwrap_or_else(PoisonError::into_inner);
        probe.poll(future.as_mut())?
    };
    if first.is_pending() && told.recv() != Ok(Poll::Ready(())) {
        steps.violated(
            "the waker of a Delay has polled it, and it was pending: it has had its call",
        );
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
