//! Who is polled next, and in which queue a task lies (chapter 16).

use std::future::{pending, poll_fn};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;

use claims::claim;
use claims::rt::{at_once, current_thread, owes_by_turns, owes_end, workers};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::task::{self, unconstrained, yield_now};

/// The order in which three tasks run that a task of `runtime` has spawned.
fn order_on(runtime: &Runtime) -> Vec<u32> {
    let order = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&order);
    let spawner = runtime.spawn(async move {
        let tasks = [1, 2, 3].map(|number| {
            let order = Arc::clone(&noted);
            tokio::spawn(async move { order.lock().expect("nobody panics").push(number) })
        });
        for task in tasks {
            task.await.expect("nobody panics");
        }
    });
    runtime.block_on(spawner).expect("nobody panics");
    let order = order.lock().expect("nobody panics");
    order.clone()
}

/// A worker of tokio's keeps the task that was spawned or woken last in a slot before its queue. Of
/// three tasks that are spawned in a row the third runs first, and then the others in order. A
/// current-thread runtime runs all three in order.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/worker.rs, lifo_slot.
#[test]
fn a_worker_runs_first_what_was_spawned_last() {
    claim(|c| {
        let (on_a_worker, in_order) = (order_on(&workers(1)?), order_on(&current_thread()?));
        c.saw(format!(
            "one worker: {on_a_worker:?}; current thread: {in_order:?}"
        ));
        assert_eq!(on_a_worker, [3, 1, 2]);
        assert_eq!(in_order, [1, 2, 3]);
        Ok(())
    });
}

/// A runtime of one thread runs in order the tasks that it has spawned itself. A task that another
/// thread spawns lies in another queue. It comes when the runtime's own queue is empty, or else at
/// every 31st tick, behind what was spawned later on the runtime's own thread.
///
/// See tokio 1.54.1: src/runtime/scheduler/current_thread/mod.rs, Core::next_task.
#[test]
fn what_comes_from_outside_runs_after_what_was_spawned_later() {
    claim(|c| {
        let mut places = Vec::new();
        for own in [5, 100] {
            let runtime = current_thread()?;
            let order = Arc::new(Mutex::new(Vec::new()));
            let spawn = |handle: &Handle, name| {
                let order = Arc::clone(&order);
                handle.spawn(async move { order.lock().expect("nobody panics").push(name) });
            };
            runtime.block_on(async {
                thread::scope(|scope| scope.spawn(|| spawn(runtime.handle(), None)).join())
                    .expect("nobody panics");
                (0..own).for_each(|number| spawn(runtime.handle(), Some(number)));
                let all = || order.lock().expect("nobody panics").len() > own;
                owes_by_turns("all tasks over", all).await
            })?;
            let mut order = order.lock().expect("nobody panics").clone();
            let place = order.iter().position(Option::is_none);
            let place = place.expect("it has run");
            order.remove(place);
            c.saw(format!(
                "one spawned from outside, then {own} inside: {place} of these run before it"
            ));
            assert!(order.is_sorted(), "those from inside run in order");
            places.push(place);
        }
        assert_eq!(places, [5, 30]);
        Ok(())
    });
}

/// Tasks that call `yield_now` come back in the reverse order: the scheduler takes their wakers
/// from the end of a list.
///
/// See tokio 1.54.1: src/runtime/scheduler/defer.rs, Defer::wake.
#[test]
fn tasks_that_yield_come_back_in_reverse() {
    claim(|c| {
        current_thread()?.block_on(async {
            let order = Arc::new(Mutex::new(Vec::new()));
            let tasks = [1, 2, 3].map(|number| {
                let order = Arc::clone(&order);
                task::spawn(async move {
                    order.lock().expect("nobody panics").push(number);
                    yield_now().await;
                    order.lock().expect("nobody panics").push(number);
                })
            });
            for task in tasks {
                owes_end("a task that yields", task)
                    .await?
                    .expect("nobody panics");
            }
            let order = order.lock().expect("nobody panics");
            c.saw(format!(
                "three tasks, before and after `yield_now`: {order:?}"
            ));
            assert_eq!(*order, [1, 2, 3, 3, 2, 1]);
            Ok(())
        })
    });
}

/// The future in the `block_on` of a current-thread runtime is a task of no queue. It is polled
/// when it was woken, and at most once in 61 polls of tasks: of 200 that are ready, 61 run between
/// two of its polls.
///
/// See tokio 1.54.1: src/runtime/scheduler/current_thread/mod.rs, CoreGuard::block_on.
#[test]
fn the_future_in_block_on_is_in_no_queue() {
    claim(|c| {
        let ran = Arc::new(Mutex::new(0));
        let mut seen = Vec::new();
        current_thread()?.block_on(poll_fn(|cx| {
            if seen.is_empty() {
                for _ in 0..200 {
                    let ran = Arc::clone(&ran);
                    task::spawn(async move { *ran.lock().expect("nobody panics") += 1 });
                }
            }
            seen.push(*ran.lock().expect("nobody panics"));
            cx.waker().wake_by_ref();
            if seen.len() == 4 {
                return Poll::Ready(());
            }
            Poll::Pending
        }));
        c.saw(format!(
            "200 tasks are ready, and it wakes itself; at its polls so many have run: {seen:?}"
        ));
        assert_eq!(seen, [0, 61, 122, 183]);
        Ok(())
    });
}

/// A task that is spawned on a worker of tokio's goes into that worker's own queue. One that any
/// other thread spawns goes into the inject queue, which all workers share; so does one from
/// `block_on`, whose thread is no worker.
#[test]
fn a_task_from_outside_goes_into_the_inject_queue() {
    claim(|c| {
        let runtime = workers(1)?;
        let (says, said) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        runtime.spawn(async move {
            for _ in 0..5 {
                tokio::spawn(pending::<()>());
            }
            let _ = says.send(());
            let _ = released.recv();
        });
        said.recv().expect("the only worker is busy");
        let queued = || runtime.metrics().global_queue_depth();
        let from_the_worker = queued();
        runtime.block_on(async {
            for _ in 0..3 {
                tokio::spawn(pending::<()>());
            }
        });
        let from_outside = queued();
        c.saw(format!(
            "in the inject queue after 5 spawns on the worker: {from_the_worker}, after 3 more in block_on: {from_outside}"
        ));
        drop(release);
        assert_eq!((from_the_worker, from_outside), (0, 3));
        Ok(())
    });
}

/// Out of descriptors, tokio's `accept` is ready with an error whenever it is polled: its listener
/// stays noted as readable until an accept is refused with WouldBlock, and EMFILE is no such
/// refusal. When there are descriptors again it returns the client that waits.
#[test]
fn out_of_descriptors_accept_is_always_ready() {
    claim(|c| {
        let runtime = current_thread()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        // The driver looks here, and learns of the client.
        runtime.block_on(yield_now());
        let limit = getrlimit(Resource::Nofile);
        // The lowest descriptor that is free is the first that may not be used.
        let free = listener.as_fd().try_clone_to_owned()?.as_raw_fd();
        let scarce = Rlimit {
            current: Some(free as u64),
            maximum: limit.maximum,
        };
        setrlimit(Resource::Nofile, scarce)?;
        let mut errors = 0;
        let polls = poll_fn(|_| {
            while errors < 1000 && matches!(at_once(listener.accept()), Some(Err(_))) {
                errors += 1;
            }
            Poll::Ready(())
        });
        runtime.block_on(unconstrained(polls));
        setrlimit(Resource::Nofile, limit)?;
        assert_eq!(errors, 1000);
        let accepted = runtime
            .block_on(owes_end("an accept", listener.accept()))?
            .is_ok();
        c.saw(format!(
            "1000 polls out of descriptors: {errors} errors; then, with descriptors again, accepted: {accepted}"
        ));
        assert!(accepted);
        Ok(())
    });
}
