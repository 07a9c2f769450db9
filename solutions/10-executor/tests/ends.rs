//! How a task ends: with an output, by a panic, by an abort, and with its executor.

#[path = "support/drops.rs"]
mod drops;

use std::future::{pending, poll_fn};
use std::panic;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use drops::{Drops, outcome};
use executor::futures_by_hand::YieldNow;
use executor::{Executor, JoinHandle, Spawner};
use grader::WakerProbe;

fn executor() -> Executor {
    Executor::new(Waker::noop().clone())
}

#[test]
fn the_latest_who_asks_is_woken_and_gets_the_output() {
    let mut executor = executor();
    let handle = executor.spawner().spawn(async {
        YieldNow::new().await;
        "output"
    });
    let mut handle = pin!(handle);
    executor.run(1);
    let [first, second] = [(); 2].map(|()| WakerProbe::new());
    for probe in [&first, &second] {
        let polled = handle
            .as_mut()
            .poll(&mut Context::from_waker(&probe.waker()));
        assert!(polled.is_pending());
    }
    executor.run(1);
    assert_eq!([first.wakes(), second.wakes()], [0, 1]);
    let polled = handle.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok("output"))));
}

#[test]
fn a_panic_ends_one_task_only() {
    let mut executor = executor();
    let first = executor.spawner().spawn(async { panic!("with words") });
    let second = executor.spawner().spawn(async { 2 });
    assert_eq!(executor.run(usize::MAX), 2);
    let error = outcome::<()>(first).unwrap_err();
    assert!(!error.is_aborted());
    let words = error.into_panic().unwrap();
    assert_eq!(*words.downcast::<&str>().unwrap(), "with words");
    assert_eq!(outcome(second).unwrap(), 2);
}

#[test]
fn an_abort_drops_the_future_by_the_next_turn() {
    let (mut executor, drops) = (executor(), Drops::default());
    let guard = drops.one();
    let handle = executor.spawner().spawn(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    executor.run(usize::MAX);
    handle.abort();
    handle.abort();
    assert_eq!(executor.run(usize::MAX), 1);
    assert_eq!(drops.count(), 1);
    assert!(outcome(handle).unwrap_err().is_aborted());
}

#[test]
fn a_task_that_aborts_itself_ends_with_that_turn() {
    let (mut executor, drops) = (executor(), Drops::default());
    let guard = drops.one();
    let place = Arc::new(Mutex::new(None::<JoinHandle<()>>));
    let own = Arc::clone(&place);
    let handle = executor.spawner().spawn(async move {
        let _guard = guard;
        own.lock().unwrap().as_ref().unwrap().abort();
        pending::<()>().await;
    });
    *place.lock().unwrap() = Some(handle);
    assert_eq!(executor.run(usize::MAX), 1);
    assert_eq!(drops.count(), 1);
    let handle = place.lock().unwrap().take().unwrap();
    assert!(outcome(handle).unwrap_err().is_aborted());
}

#[test]
fn an_abort_after_the_end_changes_nothing() {
    let mut executor = executor();
    let handle = executor.spawner().spawn(async { 1 });
    executor.run(usize::MAX);
    handle.abort();
    assert_eq!(executor.run(usize::MAX), 0);
    assert_eq!(outcome(handle).unwrap(), 1);
}

#[test]
fn a_finished_task_is_never_polled_again() {
    let mut executor = executor();
    let place = Arc::new(Mutex::new(None::<Waker>));
    let (polls, leaves) = (Drops::default(), Arc::clone(&place));
    let counts = polls.clone();
    drop(executor.spawner().spawn(poll_fn(move |cx| {
        drop(counts.one());
        *leaves.lock().unwrap() = Some(cx.waker().clone());
        cx.waker().wake_by_ref();
        Poll::Ready(())
    })));
    executor.run(usize::MAX);
    place.lock().unwrap().take().unwrap().wake();
    assert_eq!(executor.run(usize::MAX), 0);
    assert_eq!(polls.count(), 1);
}

#[test]
fn dropping_the_executor_drops_every_task() {
    let (mut executor, drops) = (executor(), Drops::default());
    let spawn = |spawner: &Spawner| {
        let guard = drops.one();
        spawner.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        })
    };
    let mut handles: Vec<_> = (0..100).map(|_| spawn(&executor.spawner())).collect();
    executor.run(50);
    let spawner = executor.spawner();
    drop(executor);
    assert_eq!(drops.count(), 100);
    // It is too late for this one.
    handles.push(spawn(&spawner));
    assert_eq!(drops.count(), 101);
    for handle in handles {
        assert!(outcome(handle).unwrap_err().is_aborted());
    }
}

#[test]
fn a_join_handle_that_is_asked_too_often_says_so() {
    let mut executor = executor();
    let mut handle = Box::pin(executor.spawner().spawn(async {}));
    executor.run(1);
    let mut ask = || {
        handle
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    };
    assert!(ask().is_ready());
    let panic = panic::catch_unwind(panic::AssertUnwindSafe(|| ask().is_ready())).unwrap_err();
    assert!(panic.downcast::<&str>().unwrap().contains("polled again"));
}
