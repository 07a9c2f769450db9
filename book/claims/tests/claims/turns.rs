//! When tokio's scheduler turns the I/O driver, and what passes it by.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::task::Context;

use claims::rt::{arrives, at_once, connected, current_thread, owes_by_turns, workers};
use claims::trace::{Trace, mark};
use claims::{Checked, claim, owes};
use grader::WakerProbe;
use rustix::net::{RecvFlags, recv};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::task;
/// A task that is alone on a runtime of one thread and yields lets the driver turn each time: a
/// hundred calls of `yield_now` are a hundred calls of `epoll_wait` with a time-out of 0.
#[test]
fn a_lone_yield_is_a_system_call() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                task::yield_now().await;
                mark("begin");
                for _ in 0..100 {
                    task::yield_now().await;
                }
                mark("end");
                Ok(())
            })
        })?;
        let waits = trace.between("begin", "end").of("epoll_wait").len();
        c.saw(format!(
            "100 times `yield_now`: {waits} calls of epoll_wait"
        ));
        assert_eq!(waits, 100);
        Ok(())
    });
}

/// Two tasks that wake each other in turn a thousand times, and leave a mark at each poll.
async fn wake_each_other() {
    async fn answer(mine: Arc<Notify>, other: Arc<Notify>) {
        for _ in 0..1000 {
            mine.notified().await;
            mark("poll");
            other.notify_one();
        }
    }
    let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    ping.notify_one();
    let one = task::spawn(answer(Arc::clone(&ping), Arc::clone(&pong)));
    let other = task::spawn(answer(pong, ping));
    let _ = (one.await, other.await);
}

/// How many polls there were between two turns of the driver, for each two that follow each other.
fn polls_between_turns(trace: &Trace) -> Vec<usize> {
    let mut polls = Vec::new();
    let mut since = None;
    for call in &trace.0 {
        if call.is("epoll_wait") {
            polls.extend(since.replace(0));
        } else if call.name == "write" {
            since = since.map(|count| count + 1);
        }
    }
    polls
}

/// While tasks are ready, a runtime of one thread turns the driver after every 61 polls of tasks. A
/// worker of a multi-thread runtime does so every 61 ticks, and a tick may be four polls: one, and
/// up to three more from the slot before its queue. Two tasks that wake each other in turn are
/// polled 244 times between two turns there.
///
/// See tokio 1.54.1: src/runtime/builder.rs, event_interval;
/// src/runtime/scheduler/multi_thread/worker.rs, MAX_LIFO_POLLS_PER_TICK.
#[test]
fn a_busy_scheduler_turns_the_driver_every_61_ticks() {
    claim(|c| {
        let trace = c.trace(|| {
            let marked = |name: &'static str| async move {
                mark(name);
                wake_each_other().await;
                mark(&format!("{name} is over"));
            };
            current_thread()?.block_on(marked("one thread"));
            let runtime = workers(1)?;
            let (says, said) = mpsc::channel();
            runtime.spawn(async move {
                marked("a worker").await;
                let _ = says.send(());
            });
            said.recv().expect("the task comes to its end");
            Ok(())
        })?;
        for (name, expected) in [("one thread", 61), ("a worker", 4 * 61)] {
            let waking = trace.between(name, &format!("{name} is over"));
            let mut polls = polls_between_turns(&waking.by(trace.thread_of(name)));
            // The tasks came to their end in the last of these.
            polls.pop();
            c.saw(format!("on {name}, polls between turns: {polls:?}"));
            assert!(polls.len() >= 6 && polls.iter().all(|&count| count == expected));
        }
        Ok(())
    });
}

/// A wait of tokio's that need not wait does not give the thread back. While a loop of `readable()`
/// and a raw `recv` is refused a thousand times, no other task of that thread runs.
#[test]
fn a_wait_that_returns_at_once_lets_nobody_else_run() {
    claim(|c| {
        current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            arrives(&socket, &mut far, b"x").await?;
            let rounds = Arc::new(AtomicUsize::new(0));
            let others = Arc::clone(&rounds);
            let other = task::spawn(async move {
                loop {
                    others.fetch_add(1, Ordering::SeqCst);
                    task::yield_now().await;
                }
            });
            let (_, bytes) = recv(&socket, &mut [0; 16], RecvFlags::empty())?;
            let (mut refused, before) = (0, rounds.load(Ordering::SeqCst));
            while refused < 1000 {
                socket.readable().await?;
                let read = recv(&socket, &mut [0; 16], RecvFlags::empty());
                refused += usize::from(read.is_err());
            }
            let meanwhile = rounds.load(Ordering::SeqCst) - before;
            task::yield_now().await;
            let after = rounds.load(Ordering::SeqCst) - before;
            c.saw(format!(
                "{bytes} byte, then {refused} refusals; another task ran {meanwhile} times meanwhile, and {after} time after one yield"
            ));
            other.abort();
            assert_eq!((bytes, meanwhile), (1, 0));
            assert!(after > 0);
            Ok(())
        })
    });
}

/// To wait for readiness costs no system call. `readable()` that is pending leaves a waker in a
/// list of tokio's own; epoll has known the socket since it was made.
#[test]
fn waiting_for_readiness_costs_no_system_call() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                let (socket, _silent) = connected().await?;
                mark("begin");
                for _ in 0..1000 {
                    assert!(at_once(socket.readable()).is_none());
                }
                mark("end");
                Ok(())
            })
        })?;
        let calls = trace.between("begin", "end").by(trace.thread_of("begin"));
        c.saw(format!(
            "1000 times `readable()`, pending each time: {} system calls",
            calls.0.len()
        ));
        assert!(calls.0.is_empty(), "{:?}", calls.names());
        Ok(())
    });
}

/// tokio waits with one descriptor of its epoll instance and registers with another. A wait has
/// room for 1 024 events, unless `max_io_events_per_tick` says otherwise.
///
/// The kernel would take both on one. But the driver's `Poll` is borrowed exclusively while it
/// waits, and the handle through which all threads register needs a `Registry` of its own. See mio
/// 1.2.5: src/poll.rs, Poll::poll; tokio 1.54.1: src/runtime/io/driver.rs, Handle.
#[test]
fn tokio_registers_with_one_descriptor_and_waits_with_another() {
    claim(|c| {
        let trace = c.trace(|| {
            let usual = current_thread()?;
            let mut builder = Builder::new_current_thread();
            let other = builder.enable_all().max_io_events_per_tick(7).build()?;
            for (runtime, first, last) in [(usual, "begin", "end"), (other, "7", "7 is over")] {
                runtime.block_on(async {
                    mark(first);
                    let (_near, _far) = connected().await?;
                    task::yield_now().await;
                    mark(last);
                    Checked::Ok(())
                })?;
            }
            Ok(())
        })?;
        for (first, last, room) in [("begin", "end", "1024"), ("7", "7 is over", "7")] {
            let calls = trace.between(first, last);
            let (added, waits) = (calls.of("epoll_ctl")[0], calls.of("epoll_wait"));
            c.saw(added);
            c.saw(waits[0]);
            for wait in waits {
                assert_ne!(added.argument(0), wait.argument(0));
                assert!(wait.arguments.contains(&format!(", {room}, ")));
            }
        }
        Ok(())
    });
}

/// On a runtime of one thread and on a worker `yield_now` does not call the waker in its own poll.
/// It leaves it with the scheduler, which calls it at its next look at the driver: when nothing
/// else is ready, or else after 61 ticks. Where no scheduler polls, it calls the waker at once: in
/// the `block_on` of a multi-thread runtime, in `block_in_place`, and without a runtime.
///
/// See tokio 1.54.1: src/task/yield_now.rs; src/runtime/context.rs, defer.
#[test]
fn yield_now_leaves_its_waker_with_the_scheduler() {
    claim(|c| {
        for others in [0, 200] {
            let (during, before) = yield_among(others)?;
            c.saw(format!(
                "{others} tasks are ready; calls of the waker during the poll: {during}; tasks that ran before its call: {before}"
            ));
            assert_eq!((during, before), (0, others.min(61)));
        }
        let (runtime, (says, said)) = (workers(1)?, mpsc::channel());
        runtime.spawn(async move {
            let mut probe = WakerProbe::new();
            let on_a_worker = wakes_at_once(&mut probe);
            let _ = says.send((
                on_a_worker,
                task::block_in_place(|| wakes_at_once(&mut WakerProbe::new())),
            ));
            owes("the waker's call", || probe.wakes() == 1)
        });
        let (on_a_worker, in_place) = said.recv().expect("the task is polled");
        let in_block_on = runtime.block_on(async { wakes_at_once(&mut WakerProbe::new()) });
        let without = wakes_at_once(&mut WakerProbe::new());
        c.saw(format!(
            "calls during the poll: on a worker {on_a_worker}, in block_in_place {in_place}, in block_on {in_block_on}, without a runtime {without}"
        ));
        assert_eq!((on_a_worker, in_place, in_block_on, without), (0, 1, 1, 1));
        Ok(())
    });
}

/// How often `yield_now` calls its waker in its own poll, here.
fn wakes_at_once(probe: &mut WakerProbe) -> usize {
    let mut yields = pin!(task::yield_now());
    let polled = yields
        .as_mut()
        .poll(&mut Context::from_waker(&probe.waker()));
    assert!(polled.is_pending());
    probe.wakes()
}

/// Polls `yield_now` on a runtime of one thread on which `others` tasks are ready. Says how often
/// it calls its waker in that poll, and how many of the tasks have run when the scheduler calls it.
fn yield_among(others: usize) -> Checked<(usize, usize)> {
    let (ran, at_the_wake) = (Arc::new(AtomicUsize::new(0)), Arc::new(OnceLock::new()));
    let (so_far, noted) = (Arc::clone(&ran), Arc::clone(&at_the_wake));
    let mut probe = WakerProbe::answering(move || {
        let _ = noted.set(so_far.load(Ordering::SeqCst));
    });
    current_thread()?.block_on(async {
        for _ in 0..others {
            let ran = Arc::clone(&ran);
            task::spawn(async move { ran.fetch_add(1, Ordering::SeqCst) });
        }
        let during = wakes_at_once(&mut probe);
        owes_by_turns("the waker's call", || at_the_wake.get().is_some()).await?;
        Ok((during, at_the_wake.get().copied().unwrap_or_default()))
    })
}
