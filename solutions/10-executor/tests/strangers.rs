//! Somebody else's code: futures, outputs and wakers that come back when called or dropped.

#[path = "support/drops.rs"]
mod drops;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use drops::{Drops, outcome};
use executor::futures_by_hand::YieldNow;
use executor::{Executor, JoinHandle, Spawner};

fn executor() -> Executor {
    Executor::new(Waker::noop().clone())
}

/// Runs something in its drop.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
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
