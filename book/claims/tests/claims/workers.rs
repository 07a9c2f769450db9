//! The workers of a multi-thread runtime: who drives, who waits, and who is left alone.

use std::future::poll_fn;
use std::io::Write;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use claims::rt::{connected, owes_end, workers};
use claims::trace::mark;
use claims::{Call, Checked, Stop, claim, owes, own, reach};
use grader::kernel::threads::{self, Thread};
use rustix::process::getpid;
use rustix::thread::gettid;
use tokio::io::AsyncReadExt;
use tokio::runtime::Runtime;
use tokio::time::sleep;
/// Of four idle workers exactly one sleeps in `epoll_wait`, for all of them. The other three sleep
/// on a condition variable: the first to come gets the driver, by a `try_lock`.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/park.rs, Inner::park.
#[test]
fn one_worker_waits_in_epoll_and_the_others_beside_it() {
    claim(|c| {
        let _runtime = workers(4)?;
        let threads = own::reach_rest()?;
        let waits_in = |call| threads.iter().filter(|thread| thread.call == call).count();
        c.saw(own::told(&threads));
        assert_eq!((waits_in(Call::Epoll), waits_in(Call::Futex)), (1, 3));
        Ok(())
    });
}

/// What became of an event by which a worker's turn had made some tasks ready, when the first of
/// them blocks.
struct Blocked {
    /// The threads of the runtime, at rest.
    threads: Vec<Thread>,
    /// Those threads after a byte has come for another socket.
    later: Vec<Thread>,
    /// Whether that byte was read meanwhile.
    served: bool,
}

/// On a runtime of four workers, wakes `ready` tasks by one event. The first that is polled blocks.
fn block_after_an_event(ready: usize) -> Checked<Blocked> {
    let runtime = workers(4)?;
    let ((a, mut far_a), (mut b, mut far_b)) =
        runtime.block_on(async { Checked::Ok((connected().await?, connected().await?)) })?;
    let (blocks, is_blocked) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (a, released) = (Arc::new(a), Arc::new(Mutex::new(Some(released))));
    let tasks: Vec<_> = (0..ready)
        .map(|_| {
            let (a, released, blocks) = (Arc::clone(&a), Arc::clone(&released), blocks.clone());
            runtime.spawn(async move {
                let readable = a.readable().await;
                let first = released.lock().expect("nobody panics").take();
                if let Some(released) = first {
                    let _ = blocks.send(());
                    let _ = released.recv();
                }
                readable
            })
        })
        .collect();
    let other = runtime.spawn(async move { b.read(&mut [0; 8]).await });
    own::reach_rest()?;
    far_a.write_all(b"a")?;
    is_blocked.recv().expect("the first is woken");
    let threads = own::reach_rest()?;
    far_b.write_all(b"b")?;
    let later = own::reach_rest()?;
    let served = other.is_finished();
    release.send(()).expect("it waits for this");
    runtime.block_on(async {
        for task in tasks {
            owes_end("a wake of each task", task)
                .await?
                .expect("nobody panics")?;
        }
        owes_end("the other read", other)
            .await?
            .expect("nobody panics")?;
        Checked::Ok(())
    })?;
    Ok(Blocked {
        threads,
        later,
        served,
    })
}

/// There is no I/O thread that your code cannot hold up. A worker whose turn has made *one* task
/// ready, and which then blocks in it, leaves no thread in `epoll_wait`, although three others are
/// idle: what comes for another socket is read when it is done. If the turn has made two tasks
/// ready, the worker wakes another one, and that one waits in epoll in the end.
///
/// The unstable option `enable_eager_driver_handoff` is there for this. See tokio 1.54.1:
/// src/runtime/scheduler/multi_thread/worker.rs, should_notify_others.
#[test]
fn a_worker_that_blocks_after_an_event_leaves_the_driver_to_nobody() {
    claim(|c| {
        for ready in [1, 2] {
            let seen = block_after_an_event(ready)?;
            c.saw(format!(
                "{ready} ready, one blocks: {}; a byte for another socket is read: {}",
                own::told(&seen.threads),
                seen.served
            ));
            let in_epoll = |threads: &[Thread]| {
                let waits = threads.iter().filter(|thread| thread.call == Call::Epoll);
                waits.count()
            };
            let found = (in_epoll(&seen.threads), in_epoll(&seen.later), seen.served);
            let is_kept = ready == 2;
            assert_eq!(found, (is_kept.into(), is_kept.into(), is_kept));
        }
        Ok(())
    });
}

/// Spawns a task that blocks its worker. Says that it does, and is over when the sender is dropped.
fn block_a_worker(runtime: &Runtime, first: impl FnOnce() + Send + 'static) -> Checked<Sender<()>> {
    let (says, said) = mpsc::channel();
    let (release, released): (_, Receiver<()>) = mpsc::channel();
    runtime.spawn(async move {
        first();
        let _ = says.send(());
        let _ = released.recv();
    });
    said.recv()
        .map_err(|_| Stop::CouldNotJudge("no worker took the task".into()))?;
    Ok(release)
}

/// The task in a worker's LIFO slot is not stolen. A task spawns one other and then blocks: the
/// other does not run, although three workers are idle. Of two that it spawns the first runs: the
/// second has pushed it out of the slot into the queue.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/worker.rs, steal_work and lifo_slot.
#[test]
fn a_task_in_the_lifo_slot_is_not_stolen() {
    claim(|c| {
        for (spawned, expected) in [(1, vec![]), (2, vec![1])] {
            let runtime = workers(4)?;
            let ran = Arc::new(Mutex::new(Vec::new()));
            let noted = Arc::clone(&ran);
            let release = block_a_worker(&runtime, move || {
                for number in 1..=spawned {
                    let ran = Arc::clone(&noted);
                    tokio::spawn(async move { ran.lock().expect("nobody panics").push(number) });
                }
            })?;
            let threads = own::reach_rest()?;
            let then = ran.lock().expect("nobody panics").clone();
            c.saw(format!(
                "{spawned} spawned, then blocked: {}; ran: {then:?}",
                own::told(&threads)
            ));
            assert_eq!(then, expected);
            drop(release);
            owes("all of them over", || {
                ran.lock().is_ok_and(|ran| ran.len() == spawned)
            })?;
        }
        Ok(())
    });
}

/// The thread in the `block_on` of a multi-thread runtime polls its one future and sleeps; it never
/// drives. While both workers block, its own `sleep` does not end.
///
/// See tokio 1.54.1: src/runtime/park.rs, CachedParkThread::block_on.
#[test]
fn the_thread_in_block_on_never_drives() {
    claim(|c| {
        let runtime = workers(2)?;
        let releases = [(); 2].map(|()| block_a_worker(&runtime, || {}));
        let releases = releases.into_iter().collect::<Checked<Vec<_>>>()?;
        let begun = Instant::now();
        thread::scope(|scope| {
            let sleeps =
                scope.spawn(|| runtime.block_on(async { sleep(Duration::from_millis(10)).await }));
            reach("the time of the sleep over", || {
                begun.elapsed() > Duration::from_millis(200)
            })?;
            let threads = own::reach_rest()?;
            let is_over = sleeps.is_finished();
            c.saw(format!(
                "a sleep of 10 ms, {:?} later: {}; it is over: {is_over}",
                begun.elapsed(),
                own::told(&threads)
            ));
            assert!(!is_over);
            assert!(threads.iter().all(|thread| thread.call == Call::Futex));
            drop(releases);
            owes("the end of the sleep", || sleeps.is_finished())
        })
    });
}

/// A worker that is busy looks at the driver every 61 ticks, and that look is a `try_lock`. While
/// another worker sleeps in `epoll_wait` it does nothing: the events are that one's.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/park.rs, park_timeout.
#[test]
fn a_busy_worker_leaves_the_driver_to_one_that_sleeps_in_it() {
    claim(|c| {
        // Each of the polls may wake the other worker, and while that is awake the driver is free.
        // A worker that took the driver from one that sleeps in it would do so in every attempt.
        let mut turns = 0;
        for _ in 0..ATTEMPTS {
            let trace = c.trace(busy_beside_one_that_sleeps)?;
            let busy = trace.thread_of("busy");
            turns = trace
                .between("busy", "done")
                .by(busy)
                .of("epoll_wait")
                .len();
            if turns == 0 {
                break;
            }
        }
        c.saw(format!(
            "500 polls of a busy worker: {turns} calls of epoll_wait"
        ));
        assert_eq!(turns, 0);
        Ok(())
    });
}

/// So often one worker is kept busy at the most.
const ATTEMPTS: usize = 10;

/// Has one of two workers poll a task 500 times, after the other has gone to sleep in `epoll_wait`.
fn busy_beside_one_that_sleeps() -> Checked {
    let runtime = workers(2)?;
    let (says, said) = mpsc::channel();
    runtime.spawn(async move {
        // For the other worker: it finds this, and has nothing to do then.
        tokio::spawn(async {});
        tokio::spawn(async {});
        let mine = gettid().as_raw_nonzero().get();
        let sleeps = |thread: &Thread| thread.id != mine && thread.call == Call::Epoll;
        let other = reach("the other worker in epoll_wait", || {
            threads::of(getpid()).iter().any(sleeps)
        });
        mark("busy");
        for _ in 0..500 {
            yields_to_the_queue().await;
        }
        mark("done");
        let _ = says.send(other);
    });
    said.recv().expect("the task comes to its end")
}

/// Lets the task go to the end of its worker's queue. `yield_now` would wait for the driver.
async fn yields_to_the_queue() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// On a worker the *last* event of a batch is served first. Three sockets have become readable in
/// order when the worker turns the driver: their tasks run in the order 3, 1, 2.
///
/// Each wake goes into the LIFO slot, and pushes the one before it into the queue.
#[test]
fn the_last_event_of_a_batch_is_served_first_on_a_worker() {
    claim(|c| {
        let runtime = workers(1)?;
        let order = Arc::new(Mutex::new(Vec::new()));
        let (mut far, mut tasks) = (Vec::new(), Vec::new());
        for number in 1..=3 {
            let (mut near, end) = runtime.block_on(connected())?;
            let order = Arc::clone(&order);
            far.push(end);
            tasks.push(runtime.spawn(async move {
                let read = near.read(&mut [0; 8]).await;
                order.lock().expect("nobody panics").push(number);
                read
            }));
        }
        own::reach_rest()?;
        let release = block_a_worker(&runtime, || {})?;
        for end in &mut far {
            end.write_all(b"x")?;
        }
        drop(release);
        for task in tasks {
            let read = runtime.block_on(owes_end("a read", task))?;
            read.expect("nobody panics")?;
        }
        let order = order.lock().expect("nobody panics");
        c.saw(format!(
            "bytes came for 1, 2, 3; their tasks ran in the order {order:?}"
        ));
        assert_eq!(*order, [3, 1, 2]);
        Ok(())
    });
}

/// A task's waker is the same before and after the task has moved to another worker. It names the
/// task and no queue.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/worker.rs, schedule_task.
#[test]
fn a_task_that_moves_to_another_thread_keeps_its_waker() {
    claim(|c| {
        let runtime = workers(2)?;
        let (polled, polls) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let mut blocker = Some(released);
        runtime.spawn(poll_fn(move |cx| {
            let _ = polled.send((thread::current().id(), cx.waker().clone()));
            // Put next in line on this very worker, it holds the worker up as soon as this poll is
            // over.
            let Some(released) = blocker.take() else {
                return Poll::Ready(());
            };
            tokio::spawn(async move { released.recv() });
            Poll::Pending
        }));
        let (first_thread, first) = polls.recv().expect("it is polled");
        own::reach_rest()?;
        first.wake_by_ref();
        let (second_thread, second) = polls.recv().expect("it is polled again");
        c.saw(format!(
            "polled on {first_thread:?}, then on {second_thread:?}; the same waker: {}",
            first.will_wake(&second)
        ));
        drop(release);
        if first_thread == second_thread {
            return Err(Stop::CouldNotJudge("the task did not move".into()));
        }
        assert!(first.will_wake(&second));
        Ok(())
    });
}
