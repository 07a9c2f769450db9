//! Wheels that are told the time, timers that are fired by hand, and futures that are polled by
//! hand.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use grader::{Checked, violation, wait};
use rustix::time::{ClockId, clock_gettime};
use time::{Timers, Wheel};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Red, unless both are the same.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, got: T, expected: T) -> Checked {
    if got == expected {
        return Ok(());
    }
    Err(violation(format!("{what}: {got:?}, and not {expected:?}")))
}

/// Lets time go on; what was due.
pub(crate) fn advance<T>(wheel: &mut Wheel<T>, to_ms: u64) -> Vec<T> {
    let mut due = Vec::new();
    wheel.advance(to_ms, &mut due);
    due
}

/// Goes to where the wheel asks to be taken, again and again, until something is due: the time of
/// that, what was due, and how often it went on.
///
/// # Errors
/// Red, when the wheel asks for nothing, for a time that has passed, or too often.
pub(crate) fn until_due<T>(wheel: &mut Wheel<T>) -> Checked<(u64, Vec<T>, usize)> {
    for steps in 1..=200 {
        let now = wheel.now();
        let Some(next) = wheel.next_deadline() else {
            return Err(violation(format!(
                "a timer is set, and at {now} `next_deadline` is `None`"
            )));
        };
        if next < now {
            return Err(violation(format!(
                "at {now}, `next_deadline` is {next}, which has passed"
            )));
        }
        let due = advance(wheel, next);
        if !due.is_empty() {
            return Ok((next, due, steps));
        }
    }
    Err(violation(format!(
        "it was advanced to its `next_deadline` 200 times, and nothing was due; it is {} now",
        wheel.now()
    )))
}

/// A bell that counts how often it was rung.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    /// How often it was rung since the last call.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Timers, and their bell.
pub(crate) fn timers() -> (Arc<Timers>, Arc<Bell>) {
    let bell = Arc::<Bell>::default();
    (Arc::new(Timers::new(Waker::from(Arc::clone(&bell)))), bell)
}

/// Polls a future once, with this waker.
pub(crate) fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls a future that has to wait.
pub(crate) fn waits<F: Future + Unpin>(what: &str, future: &mut F, waker: &Waker) -> Checked {
    match poll(future, waker) {
        Poll::Pending => Ok(()),
        Poll::Ready(_) => Err(violation(format!("{what} is ready at once"))),
    }
}

/// Fires until this is there.
///
/// # Errors
/// Red, when it does not come.
pub(crate) fn fire_until<T>(
    timers: &Timers,
    what: &str,
    mut look: impl FnMut() -> Option<T>,
) -> Checked<T> {
    let begun = Instant::now();
    loop {
        timers.fire();
        if let Some(seen) = look() {
            return Ok(seen);
        }
        if begun.elapsed() > wait::PATIENCE / 2 {
            return Err(violation(format!("{what} does not come")));
        }
        thread::yield_now();
    }
}

/// The processor time that this thread has used so far.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
