//! Time-outs, intervals, and the executor for one future that has timers.

#[path = "support/by_hand.rs"]
mod by_hand;

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use by_hand::{fire_until, poll, timers};
use time::{Elapsed, Missed, Timers, block_on};

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_sleep_is_never_ready_early() {
    for micros in [0, 1, 999, 1000, 1001, 3500] {
        let time = Duration::from_micros(micros);
        let begun = Instant::now();
        block_on(|timers| timers.sleep(time));
        assert!(begun.elapsed() >= time);
    }
}

#[test]
fn a_timeout_drops_the_loser() {
    struct Loser(Arc<Timers>, Arc<AtomicUsize>);
    impl Drop for Loser {
        fn drop(&mut self) {
            // It is dropped without the lock.
            self.0.fire();
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&dropped);
    let output = block_on(|timers| {
        let loser = Loser(Arc::clone(timers), counts);
        timers.timeout(MS, async move {
            let _loser = loser;
            pending::<()>().await;
        })
    });
    assert_eq!(output, Err(Elapsed));
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    // The other way round it is the sleep.
    let (timers, _bell) = timers();
    let mut is_asked = false;
    let mut twice = pin!(timers.timeout(
        LONG,
        poll_fn(|_| match std::mem::replace(&mut is_asked, true) {
            false => Poll::Pending,
            true => Poll::Ready(()),
        })
    ));
    assert!(
        twice
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    assert!(timers.fire().is_some());
    assert!(
        twice
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    );
}

#[test]
fn an_interval_keeps_its_distance_from_when_ticks_were_due() {
    let begun = Instant::now();
    block_on(|timers| {
        let mut interval = timers.interval(MS * 3 / 2);
        async move {
            // The first comes at once.
            for _ in 0..=40 {
                interval.tick().await;
            }
        }
    });
    assert!(begun.elapsed() >= MS * 60, "{:?}", begun.elapsed());
}

/// How many of the next ticks come at once, after a stall of some nine and a half periods.
fn ticks_after_a_stall(missed: Missed) -> usize {
    let period = Duration::from_secs(1) / 20;
    let (timers, _bell) = timers();
    let mut interval = timers.interval(period);
    interval.set_missed(missed);
    let mut is_ticked = || {
        timers.fire();
        let tick = pin!(interval.tick());
        tick.poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    };
    fire_until(&timers, &mut is_ticked);
    let begun = Instant::now();
    while begun.elapsed() < period * 19 / 2 {
        thread::sleep(period);
    }
    let mut ticks = 0;
    // A tick is set by a poll, and is due with the fire after that.
    let mut misses = 0;
    while misses < 2 {
        match is_ticked() {
            true => (ticks, misses) = (ticks + 1, 0),
            false => misses += 1,
        }
    }
    ticks
}

#[test]
fn an_interval_that_was_stalled_bursts_delays_or_skips() {
    assert!(ticks_after_a_stall(Missed::Burst) >= 9);
    // One, unless this thread itself is stalled between two looks.
    assert!(ticks_after_a_stall(Missed::Delay) <= 3);
    assert!(ticks_after_a_stall(Missed::Skip) <= 3);
}

#[test]
fn block_on_polls_for_wakes_and_sleeps_in_between() {
    let mut polls = 0;
    block_on(|timers| {
        let mut sleep = timers.sleep(MS * 100);
        let polls = &mut polls;
        poll_fn(move |cx| {
            *polls += 1;
            Pin::new(&mut sleep).poll(cx)
        })
    });
    assert_eq!(polls, 2);
}

#[test]
fn an_earlier_deadline_from_another_thread_ends_the_sleep() {
    let begun = Instant::now();
    let output = block_on(|timers| {
        let other = Arc::clone(timers);
        let mut setter = None;
        let is_woken = poll_fn(move |cx| {
            if setter.is_some() {
                return Poll::Ready(());
            }
            let (timers, waker) = (Arc::clone(&other), cx.waker().clone());
            setter = Some(thread::spawn(move || {
                // By then, most likely, the other thread sleeps until the far deadline.
                thread::sleep(MS * 20);
                let mut sleep = timers.sleep(MS);
                assert!(poll(&mut sleep, &waker).is_pending());
                // It stays set.
                std::mem::forget(sleep);
            }));
            Poll::Pending
        });
        timers.timeout(LONG, is_woken)
    });
    assert_eq!(output, Ok(()));
    assert!(begun.elapsed() < LONG);
}
