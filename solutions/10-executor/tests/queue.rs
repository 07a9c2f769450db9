//! Who is next: the order of turns, what is queued, and when the bell rings.

#[path = "support/bell.rs"]
mod bell;

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use bell::Bell;
use executor::Executor;
use executor::futures_by_hand::YieldNow;

/// What tasks did, in order.
type Diary = Arc<Mutex<Vec<&'static str>>>;

/// A place where a task leaves its waker.
type Place = Arc<Mutex<Option<Waker>>>;

/// Pending once; leaves its waker in the place.
async fn wait(place: &Place) {
    let mut has_waited = false;
    poll_fn(|cx| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        *place.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    })
    .await;
}

/// Writes its name at every poll, and waits for ever.
fn writes(diary: &Diary, name: &'static str, place: &Place) -> impl Future<Output = ()> + use<> {
    let (diary, place) = (Arc::clone(diary), Arc::clone(place));
    poll_fn(move |cx| {
        diary.lock().unwrap().push(name);
        *place.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    })
}

#[test]
fn tasks_run_in_the_order_in_which_they_were_woken() {
    let mut executor = Executor::new(Waker::noop().clone());
    let (diary, [a, b, c]) = (Diary::default(), [(); 3].map(|()| Place::default()));
    for (name, place) in [("a", &a), ("b", &b), ("c", &c)] {
        drop(executor.spawner().spawn(writes(&diary, name, place)));
    }
    assert_eq!(executor.run(usize::MAX), 3);
    for place in [&c, &a, &b, &a] {
        place.lock().unwrap().as_ref().unwrap().wake_by_ref();
    }
    assert_eq!(executor.run(usize::MAX), 3, "a was woken twice");
    assert_eq!(*diary.lock().unwrap(), ["a", "b", "c", "c", "a", "b"]);
    assert_eq!(executor.run(usize::MAX), 0);
}

#[test]
fn a_task_that_wakes_itself_lets_others_run() {
    let mut executor = Executor::new(Waker::noop().clone());
    let diary = Diary::default();
    for name in ["a", "b"] {
        let diary = Arc::clone(&diary);
        drop(executor.spawner().spawn(async move {
            for _ in 0..3 {
                diary.lock().unwrap().push(name);
                YieldNow::new().await;
            }
        }));
    }
    while executor.run(1) > 0 {}
    assert_eq!(*diary.lock().unwrap(), ["a", "b", "a", "b", "a", "b"]);
}

#[test]
fn a_run_ends_at_its_limit_and_says_what_is_left() {
    let mut executor = Executor::new(Waker::noop().clone());
    for _ in 0..10 {
        drop(executor.spawner().spawn(async {}));
    }
    assert_eq!(executor.run(0), 0);
    assert_eq!(executor.run(4), 4);
    assert!(executor.has_ready());
    assert_eq!(executor.run(100), 6);
    assert!(!executor.has_ready());
}

#[test]
fn a_wake_within_the_poll_is_not_lost() {
    let mut executor = Executor::new(Waker::noop().clone());
    let handle = executor.spawner().spawn(async {
        poll_fn(|cx| {
            // From another thread, which is done before the poll is.
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake()).join().unwrap();
            Poll::<()>::Pending
        })
        .await;
    });
    assert_eq!(executor.run(5), 5, "each poll was followed by another");
    handle.abort();
    assert_eq!(executor.run(5), 1);
}

#[test]
fn the_bell_rings_for_the_first_wake_from_elsewhere_and_for_no_other() {
    let (bell, rung) = Bell::new();
    let mut executor = Executor::new(bell);
    let [a, b] = [(); 2].map(|()| Place::default());
    for place in [&a, &b] {
        let place = Arc::clone(place);
        drop(executor.spawner().spawn(async move {
            loop {
                wait(&place).await;
            }
        }));
    }
    assert_eq!(rung.take(), 1, "two spawns, one bell");
    executor.run(usize::MAX);
    let wakers = [&a, &b].map(|place| place.lock().unwrap().clone().unwrap());
    thread::spawn(move || wakers.iter().for_each(Waker::wake_by_ref))
        .join()
        .unwrap();
    assert_eq!(rung.take(), 1, "two wakes, one bell");
    assert_eq!(executor.run(usize::MAX), 2);
    // One that is woken by another, and one that is spawned by another: on the thread that runs.
    let spawner = executor.spawner();
    let waker = a.lock().unwrap().clone().unwrap();
    drop(executor.spawner().spawn(async move {
        waker.wake();
        drop(spawner.spawn(async {}));
    }));
    rung.take();
    assert_eq!(executor.run(usize::MAX), 3);
    assert_eq!(rung.take(), 0);
}

#[test]
fn an_executor_within_another_leaves_its_queue_alone() {
    let (bell, rung) = Bell::new();
    let mut outer = Executor::new(Waker::noop().clone());
    let mut inner = Executor::new(bell);
    let place = Place::default();
    let (waits, spawner) = (Arc::clone(&place), inner.spawner());
    drop(inner.spawner().spawn(async move { wait(&waits).await }));
    let outside = outer.spawner();
    drop(outer.spawner().spawn(async move {
        inner.run(usize::MAX);
        // Woken on this thread, but not where its executor runs.
        rung.take();
        place.lock().unwrap().take().unwrap().wake();
        assert_eq!(rung.take(), 1);
        drop(outside.spawn(async {}));
        assert_eq!(inner.run(usize::MAX), 1);
    }));
    drop(spawner);
    assert_eq!(outer.run(usize::MAX), 2);
}

#[test]
fn a_panic_of_the_bell_leaves_the_queue_where_it_was() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("the bell panics");
        }
    }
    let mut executor = Executor::new(Waker::noop().clone());
    let other = Executor::new(Waker::from(Arc::new(Panics)));
    let spawner = other.spawner();
    for _ in 0..2 {
        let spawner = spawner.clone();
        drop(executor.spawner().spawn(async move {
            drop(spawner.spawn(async {}));
        }));
    }
    // The panic is that of a task, and ends it alone.
    assert_eq!(executor.run(usize::MAX), 2);
}
