//! Sleeps on timers that are fired by hand: whom they wake, when they ring, and what they leave.

#[path = "support/by_hand.rs"]
mod by_hand;

use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::time::Duration;

use by_hand::{fire_until, poll, timers};
use grader::WakerProbe;
use time::{Sleep, Timers};

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn an_earlier_deadline_rings_and_a_later_one_does_not() {
    let (timers, bell) = timers();
    let mut sleeps: Vec<Sleep> = Vec::new();
    for (time, rings) in [(LONG, 1), (LONG * 2, 0), (LONG / 1000, 1), (LONG / 999, 0)] {
        let mut sleep = timers.sleep(time);
        assert!(poll(&mut sleep, Waker::noop()).is_pending());
        assert_eq!(bell.take(), rings, "{time:?}");
        // Polled again, it is no other timer.
        assert!(poll(&mut sleep, Waker::noop()).is_pending());
        assert_eq!(bell.take(), 0);
        sleeps.push(sleep);
    }
    let next = timers.fire().unwrap();
    assert!(next <= LONG / 1000, "{next:?}");
    drop(sleeps);
    assert_eq!(
        timers.fire(),
        None,
        "nothing is left of those that were dropped"
    );
}

#[test]
fn the_latest_waker_is_the_one_called() {
    let (timers, _bell) = timers();
    let mut sleep = timers.sleep(MS);
    let [first, second] = [(); 2].map(|()| WakerProbe::new());
    assert!(poll(&mut sleep, &first.waker()).is_pending());
    assert!(poll(&mut sleep, &second.waker()).is_pending());
    fire_until(&timers, || second.wakes() > 0);
    assert_eq!([first.wakes(), second.wakes()], [0, 1]);
    assert!(poll(&mut sleep, Waker::noop()).is_ready());
    assert!(poll(&mut sleep, Waker::noop()).is_ready(), "it stays so");
}

#[test]
fn a_sleep_that_is_reset_wakes_at_its_new_time() {
    let (timers, bell) = timers();
    let probe = WakerProbe::new();
    let mut sleep = timers.sleep(LONG);
    assert!(poll(&mut sleep, &probe.waker()).is_pending());
    bell.take();
    sleep.reset(MS);
    assert_eq!(bell.take(), 1);
    fire_until(&timers, || probe.wakes() > 0);
    assert!(poll(&mut sleep, Waker::noop()).is_ready());
    // It begins anew, also after it was ready.
    sleep.reset(LONG);
    assert!(poll(&mut sleep, Waker::noop()).is_pending());
}

#[test]
fn a_sleep_for_ever_is_no_panic() {
    let (timers, _bell) = timers();
    let mut sleep = timers.sleep(Duration::MAX);
    assert!(poll(&mut sleep, Waker::noop()).is_pending());
    assert!(timers.fire() > Some(LONG));
}

/// Polls a sleep of its own when it is called or dropped.
struct Intruder(Arc<Timers>);

impl Intruder {
    fn intrude(&self) {
        let mut sleep = self.0.sleep(LONG);
        assert!(poll(&mut sleep, Waker::noop()).is_pending());
        self.0.fire();
    }
}

impl Wake for Intruder {
    fn wake(self: Arc<Self>) {
        self.intrude();
    }
}

impl Drop for Intruder {
    fn drop(&mut self) {
        self.intrude();
    }
}

#[test]
fn nothing_is_called_under_a_lock() {
    let (timers, _bell) = timers();
    let waker = || Waker::from(Arc::new(Intruder(Arc::clone(&timers))));
    let mut sleep = timers.sleep(MS);
    for _ in 0..3 {
        assert!(poll(&mut sleep, &waker()).is_pending());
    }
    fire_until(&timers, || poll(&mut sleep, Waker::noop()).is_ready());
    let mut dropped = timers.sleep(LONG);
    assert!(poll(&mut dropped, &waker()).is_pending());
    drop(dropped);
    let mut moved = timers.sleep(LONG);
    assert!(poll(&mut moved, &waker()).is_pending());
    moved.reset(LONG * 2);
}

#[test]
fn a_waker_that_sets_an_earlier_timer_is_not_overlooked() {
    struct Sets(Arc<Timers>, Mutex<Option<Sleep>>);
    impl Wake for Sets {
        fn wake(self: Arc<Self>) {
            let mut sleep = self.0.sleep(LONG);
            assert!(poll(&mut sleep, Waker::noop()).is_pending());
            *self.1.lock().unwrap() = Some(sleep);
        }
    }
    let (timers, _bell) = timers();
    let sets = Arc::new(Sets(Arc::clone(&timers), Mutex::default()));
    let mut far = timers.sleep(LONG * 1000);
    assert!(poll(&mut far, Waker::noop()).is_pending());
    let mut near = timers.sleep(MS);
    assert!(poll(&mut near, &Waker::from(Arc::clone(&sets))).is_pending());
    let mut next = None;
    while sets.1.lock().unwrap().is_none() {
        next = timers.fire();
    }
    assert!(next <= Some(LONG), "{next:?}");
}

#[test]
fn timers_may_be_sent_and_shared() {
    fn sent_and_shared<T: Send + Sync>() {}
    sent_and_shared::<Timers>();
    sent_and_shared::<Sleep>();
    sent_and_shared::<time::Interval>();
    sent_and_shared::<time::Timeout<()>>();
}
