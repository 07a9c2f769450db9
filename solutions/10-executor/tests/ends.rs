//! How a task ends: with an output, by a panic, by an abort, and with its executor.

use std::future::{pending, poll_fn};
use std::panic;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use executor::futures_by_hand::YieldNow;
use executor::{Executor, JoinError, JoinHandle, Spawner};
use grader::WakerProbe;

/// Counts its drops.
#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

struct Dropped(Drops);

impl Drops {
    fn one(&self) -> Dropped {
        Dropped(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn executor() -> Executor {
    Executor::new(Waker::noop().clone())
}

/// The outcome of a task that has ended.
fn outcome<T: Send>(handle: JoinHandle<T>) -> Result<T, JoinError> {
    let mut handle = pin!(handle);
    match handle
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it has not ended"),
    }
}

/// Runs something in its drop.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
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
fn a_dropped_future_may_spawn_and_wake_and_panic() {
    let mut executor = executor();
    let (spawner, inner) = (executor.spawner(), Drops::default());
    let counts = inner.clone();
    let guard = OnDrop(move || {
        let guard = counts.one();
        drop(spawner.spawn(async move { drop(guard) }));
        panic!("a drop panics");
    });
    let handle = executor.spawner().spawn(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    executor.run(usize::MAX);
    handle.abort();
    assert_eq!(executor.run(usize::MAX), 2);
    assert_eq!(inner.count(), 1);
    assert!(outcome(handle).unwrap_err().is_aborted());
}

#[test]
fn an_output_that_nobody_wants_may_do_anything_when_it_is_dropped() {
    let mut executor = executor();
    let spawner = executor.spawner();
    let unwanted = OnDrop(move || {
        drop(spawner.spawn(async {}));
        panic!("an output panics");
    });
    drop(executor.spawner().spawn(async move { unwanted }));
    assert_eq!(executor.run(usize::MAX), 2);
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
fn a_future_that_is_dropped_with_its_executor_may_spawn_and_wake() {
    let (mut executor, place) = (executor(), Arc::new(Mutex::new(Vec::<Waker>::new())));
    for _ in 0..10 {
        let (spawner, place) = (executor.spawner(), Arc::clone(&place));
        let others = Arc::clone(&place);
        let guard = OnDrop(move || {
            let others: Vec<_> = others.lock().unwrap().clone();
            others.iter().for_each(Waker::wake_by_ref);
            drop(spawner.spawn(async {}));
        });
        drop(executor.spawner().spawn(async move {
            let _guard = guard;
            poll_fn(|cx| {
                place.lock().unwrap().push(cx.waker().clone());
                Poll::<()>::Pending
            })
            .await;
        }));
    }
    executor.run(usize::MAX);
    drop(executor);
    place.lock().unwrap().drain(..).for_each(Waker::wake);
}

/// A waker that does everything that a stranger's waker may do, in its wake and in its drop.
struct Intruder {
    spawner: Spawner,
    other: Mutex<Option<Pin<Box<JoinHandle<()>>>>>,
}

impl Intruder {
    fn intrude(&self) {
        drop(self.spawner.spawn(async {}));
        if let Some(other) = self.other.lock().unwrap().as_mut() {
            other.abort();
            let _ = other.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
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
    let mut executor = executor();
    let waker = |other: Option<JoinHandle<()>>| {
        Waker::from(Arc::new(Intruder {
            spawner: executor.spawner(),
            other: Mutex::new(other.map(Box::pin)),
        }))
    };
    let handle = executor.spawner().spawn(pending::<()>());
    let (first, second) = (waker(None), waker(Some(handle)));
    let mut awaited = Box::pin(executor.spawner().spawn(YieldNow::new()));
    for waker in [first, second] {
        let polled = awaited.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    }
    while executor.run(usize::MAX) > 0 {}
    assert!(matches!(
        awaited
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop())),
        Poll::Ready(Ok(()))
    ));
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

#[test]
fn a_million_spawns_leak_nothing() {
    let (mut executor, drops) = (executor(), Drops::default());
    let mut resident = 0;
    for batch in 0..1000 {
        for _ in 0..1000 {
            let guard = drops.one();
            drop(executor.spawner().spawn(async move {
                YieldNow::new().await;
                drop(guard);
            }));
        }
        while executor.run(usize::MAX) > 0 {}
        if batch == 50 {
            resident = resident_bytes();
        }
    }
    assert_eq!(drops.count(), 1_000_000);
    let grown = resident_bytes().saturating_sub(resident);
    assert!(grown < 8 << 20, "{grown} bytes more");
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
