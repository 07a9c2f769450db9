//! Who is polled next, and what a scheduler leaves to others (chapter 16).

use std::future::{pending, poll_fn};
use std::os::fd::{AsFd, AsRawFd};
use std::pin::pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use claims::rt::{at_once, current_thread, turn_until, workers};
use claims::{Call, Checked, claim, own, reach};
use grader::kernel::threads;
use rustix::process::{Resource, Rlimit, getpid, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Handle, Runtime};
use tokio::task::{unconstrained, yield_now};
use tokio::time::sleep;

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

/// A runtime of one thread runs what it has woken or spawned itself in order. What another thread
/// spawns lies in another queue. It comes when the runtime's own queue is empty, or else at every
/// 31st tick, behind what was spawned later on the runtime's own thread.
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
                turn_until("all tasks over", all).await
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

/// Whether the first poll of a tokio `sleep` wakes the driver depends on the deadline that the
/// driver knew when it last looked. A hundred sleeps of half an hour, while it knows of an hour: a
/// hundred writes to the eventfd, even if each is due later than the one before. A hundred of two
/// hours: none.
///
/// See tokio 1.54.1: src/runtime/time/mod.rs, reregister and next_wake.
#[test]
fn an_earlier_deadline_wakes_the_driver_each_time() {
    fn writes_for_a_hundred(minutes: u64) -> Checked<u64> {
        let before = own::eventfd_count()?;
        let length = |i| Duration::from_secs(minutes * 60 + i);
        let mut sleeps: Vec<_> = (0..100).map(|i| Box::pin(sleep(length(i)))).collect();
        assert!(
            sleeps
                .iter_mut()
                .all(|sleep| at_once(sleep.as_mut()).is_none())
        );
        Ok(own::eventfd_count()? - before)
    }
    claim(|c| {
        current_thread()?.block_on(async {
            let mut an_hour = pin!(sleep(Duration::from_secs(60 * 60)));
            assert!(at_once(an_hour.as_mut()).is_none());
            // The driver looks here, and learns of the hour.
            yield_now().await;
            let (two_hours, half_an_hour) = (writes_for_a_hundred(120)?, writes_for_a_hundred(30)?);
            c.saw(format!(
                "100 sleeps of two hours: {two_hours} writes; of half an hour: {half_an_hour}"
            ));
            assert_eq!((two_hours, half_an_hour), (0, 100));
            Ok(())
        })
    });
}

/// A tokio runtime starts no thread for blocking calls before one is made. `spawn_blocking` starts
/// a thread if none is idle, and one that is idle takes the next call.
#[test]
fn the_blocking_pool_begins_empty() {
    claim(|c| {
        let before = threads::of(getpid());
        let new = || {
            let mut threads = threads::of(getpid());
            threads.retain(|t| before.iter().all(|earlier| earlier.id != t.id));
            threads
        };
        let runtime = current_thread()?;
        let at_first = new().len();
        let job = || runtime.block_on(runtime.spawn_blocking(|| thread::current().id()));
        let first = job().expect("nobody panics");
        reach("the pool's thread asleep in futex", || {
            new().iter().all(|t| t.sleeps_in(&[Call::Futex]))
        })?;
        let second = job().expect("nobody panics");
        let at_last = new().len();
        c.saw(format!(
            "threads at first {at_first}, at last {at_last}; jobs on {first:?} and {second:?}"
        ));
        assert_eq!((at_first, at_last), (0, 1));
        assert_eq!(first, second);
        Ok(())
    });
}

/// `connect` with an address needs no thread. With a name it needs one of the blocking pool, for
/// the system's `getaddrinfo` blocks.
///
/// See tokio 1.54.1: src/net/addr.rs, spawn_blocking.
#[test]
fn a_name_is_looked_up_on_the_blocking_pool() {
    claim(|c| {
        let runtime = current_thread()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let before = threads::of(getpid()).len();
        let more = || threads::of(getpid()).len() - before;
        runtime.block_on(TcpStream::connect(address))?;
        runtime.block_on(TcpStream::connect(address.to_string()))?;
        let for_addresses = more();
        // Where the name leads to does not matter here.
        let _ = runtime.block_on(TcpStream::connect(("localhost", address.port())));
        let for_a_name = more();
        c.saw(format!(
            "threads of the pool after two addresses: {for_addresses}, after a name: {for_a_name}"
        ));
        assert_eq!((for_addresses, for_a_name), (0, 1));
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
        let polls = poll_fn(|cx| {
            while errors < 1000 && matches!(listener.poll_accept(cx), Poll::Ready(Err(_))) {
                errors += 1;
            }
            Poll::Ready(())
        });
        runtime.block_on(unconstrained(polls));
        setrlimit(Resource::Nofile, limit)?;
        let accepted = runtime.block_on(listener.accept()).is_ok();
        c.saw(format!(
            "1000 polls out of descriptors: {errors} errors; then, with descriptors again, accepted: {accepted}"
        ));
        assert!(errors == 1000 && accepted);
        Ok(())
    });
}
