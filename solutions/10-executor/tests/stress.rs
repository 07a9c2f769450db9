//! Wakes from many threads at once, each of which has to be followed by a poll.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use executor::Executor;
use executor::futures_by_hand::{Parker, YieldNow};

/// Runs until the flag is up; the thread sleeps in a parker, whose call is the bell.
fn run_until(ended: &AtomicBool, executor: &mut Executor, parker: &Parker) {
    while !ended.load(SeqCst) {
        if executor.run(64) == 0 {
            parker.park();
        }
    }
}

#[test]
fn no_wake_from_another_thread_is_lost() {
    let parker = Arc::new(Parker::new());
    let mut executor = Executor::new(Waker::from(Arc::clone(&parker)));
    let spawner = executor.spawner();
    let ended = Arc::new(AtomicBool::new(false));
    let says_so = Arc::clone(&ended);
    let _main = executor.spawner().spawn(async move {
        let tasks: Vec<_> = (0..50_usize)
            .map(|number| {
                spawner.spawn(async move {
                    for round in 0..100 {
                        match (number + round) % 5 {
                            0 => woken_from_a_thread().await,
                            _ => YieldNow::new().await,
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        says_so.store(true, SeqCst);
    });
    run_until(&ended, &mut executor, &parker);
}

/// Waits for another thread, which may well wake before the poll is over.
async fn woken_from_a_thread() {
    let is_done = Arc::new(AtomicBool::new(false));
    let mut is_begun = false;
    poll_fn(move |cx| {
        if is_done.load(SeqCst) {
            return Poll::Ready(());
        }
        if !is_begun {
            is_begun = true;
            let (done, waker) = (Arc::clone(&is_done), cx.waker().clone());
            thread::spawn(move || {
                done.store(true, SeqCst);
                waker.wake();
            });
        }
        Poll::Pending
    })
    .await;
}

#[test]
fn tasks_that_are_aborted_while_others_wake_them_end_once() {
    let parker = Arc::new(Parker::new());
    let mut executor = Executor::new(Waker::from(Arc::clone(&parker)));
    for _ in 0..500 {
        let place = Arc::new(Mutex::new(None::<Waker>));
        let leaves = Arc::clone(&place);
        let handle = executor.spawner().spawn(poll_fn(move |cx| {
            *leaves.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        executor.run(usize::MAX);
        let waker = place.lock().unwrap().take().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| waker.wake_by_ref());
            scope.spawn(|| handle.abort());
            while executor.run(usize::MAX) == 0 {
                parker.park();
            }
        });
        while executor.run(usize::MAX) > 0 {}
        let mut handle = pin!(handle);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(handle.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
    }
}
