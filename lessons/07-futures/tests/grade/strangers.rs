//! The other side of the contract: futures for an executor, and somebody who knows its thread.

use std::future::poll_fn;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// While a future must not be polled: long enough for whoever polls every few
/// milliseconds to show it.
pub(super) const QUIET: Duration = Duration::from_millis(150);

/// A future that is pending once, wakes its task at once, and is then ready with `value`.
pub(super) fn pending_once<T>(value: T) -> impl Future<Output = T> {
    let (mut value, mut polled) = (Some(value), false);
    poll_fn(move |cx| {
        if !std::mem::replace(&mut polled, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(value.take().expect("polled once more and no further"))
    })
}

/// A future that is pending `times` times. Each poll hands its waker out.
pub(super) fn woken_from_outside(times: usize) -> (impl Future<Output = ()>, Receiver<Waker>) {
    let (give, wakers): (Sender<Waker>, _) = mpsc::channel();
    let mut left = times;
    let future = poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        let _ = give.send(cx.waker().clone());
        Poll::Pending
    });
    (future, wakers)
}

/// Unparks a thread for a while, as somebody else's code on that thread might.
pub(super) fn pester(sleeper: &thread::Thread) {
    let begun = Instant::now();
    pester_until(sleeper, || begun.elapsed() >= QUIET);
}

/// As [`pester`], until `enough` says so.
pub(super) fn pester_until(sleeper: &thread::Thread, enough: impl Fn() -> bool) {
    while !enough() {
        sleeper.unpark();
        thread::sleep(Duration::from_millis(1));
    }
}
