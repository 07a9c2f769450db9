//! When tokio's scheduler turns the I/O driver, and what passes it by.

use std::io::Write;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use claims::rt::{connected, current_thread, in_time, turn_until, workers};
use claims::trace::mark;
use claims::{Checked, claim, peer};
use grader::WakerProbe;
use tokio::io::AsyncReadExt;
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
        assert!((99..=101).contains(&waits));
        Ok(())
    });
}

/// Two tasks that ring each other a thousand times.
async fn ring_each_other() {
    let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (heard, answers) = (Arc::clone(&ping), Arc::clone(&pong));
    let one = task::spawn(async move {
        for _ in 0..1000 {
            heard.notified().await;
            answers.notify_one();
        }
    });
    let other = task::spawn(async move {
        for _ in 0..1000 {
            ping.notify_one();
            pong.notified().await;
        }
    });
    let _ = (one.await, other.await);
}

/// While tasks are ready, a runtime of one thread turns the driver once in 61 polls: two tasks that
/// ring each other a thousand times are some 2 000 polls, and some 33 calls of `epoll_wait`. A
/// worker of a multi-thread runtime does so every 61 ticks, and a tick may be four polls: one, and
/// up to three more from the slot before its queue. The same two tasks are some 8 calls there.
///
/// See tokio 1.54.1: src/runtime/builder.rs, event_interval;
/// src/runtime/scheduler/multi_thread/worker.rs, MAX_LIFO_POLLS_PER_TICK.
#[test]
fn a_busy_scheduler_turns_the_driver_every_61_ticks() {
    claim(|c| {
        let trace = c.trace(|| {
            let marked = |name: &'static str| async move {
                mark(name);
                ring_each_other().await;
                mark(&format!("{name} is over"));
            };
            current_thread()?.block_on(marked("one thread"));
            let runtime = workers(1)?;
            runtime
                .block_on(in_time("the tasks", runtime.spawn(marked("a worker"))))?
                .expect("nobody panics");
            Ok(())
        })?;
        let turns = ["one thread", "a worker"].map(|name| {
            let calls = trace.between(name, &format!("{name} is over"));
            let turns = calls.of("epoll_wait").len();
            c.saw(format!(
                "two tasks, 1 000 rings each way, on {name}: {turns} calls of epoll_wait"
            ));
            turns
        });
        assert!((30..=36).contains(&turns[0]) && (6..=11).contains(&turns[1]));
        Ok(())
    });
}

/// In one poll of a task, 128 operations of tokio's may find something: that is its cooperative
/// budget. After that `read` and its kin are pending although there is more, and the others have
/// their turn. A loop of `readable()` and `try_read` has no budget, and holds its thread for as
/// long as bytes come.
#[test]
fn readable_and_try_read_pass_the_budget_by() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                let (mut socket, mut far) = connected().await?;
                far.write_all(&[0; 2000])?;
                peer::reach_unread(&socket, 2000)?;
                let ready = || claims::rt::at_once(socket.readable()).is_some();
                turn_until("an event of the socket", ready).await?;
                mark("read_exact");
                for _ in 0..1000 {
                    socket.read_exact(&mut [0]).await?;
                }
                mark("try_read");
                for _ in 0..1000 {
                    socket.readable().await?;
                    socket.try_read(&mut [0])?;
                }
                mark("end");
                Ok(())
            })
        })?;
        let between = |first, last| {
            let calls = trace.between(first, last);
            (calls.of("recvfrom").len(), calls.of("epoll_wait").len())
        };
        let (polite, rude) = (
            between("read_exact", "try_read"),
            between("try_read", "end"),
        );
        c.saw(format!(
            "1000 bytes, one by one: read_exact {} recvfrom and {} epoll_wait",
            polite.0, polite.1
        ));
        c.saw(format!(
            "readable and try_read: {} recvfrom and {} epoll_wait",
            rude.0, rude.1
        ));
        assert!((1000..1010).contains(&polite.0) && (6..=9).contains(&polite.1));
        assert_eq!(rude, (1000, 0));
        Ok(())
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
                    assert!(claims::rt::at_once(socket.readable()).is_none());
                }
                mark("end");
                Ok(())
            })
        })?;
        let calls = trace.between("begin", "end");
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
/// 1.2.4: src/poll.rs, Poll::poll; tokio 1.54.1: src/runtime/io/driver.rs, Handle.
#[test]
fn tokio_registers_with_one_descriptor_and_waits_with_another() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                mark("begin");
                let (_near, _far) = connected().await?;
                task::yield_now().await;
                mark("end");
                Ok(())
            })
        })?;
        let calls = trace.between("begin", "end");
        let (added, waited) = (
            calls.of("epoll_ctl")[0].clone(),
            calls.of("epoll_wait")[0].clone(),
        );
        c.saw(&added);
        c.saw(&waited);
        assert_ne!(added.argument(0), waited.argument(0));
        assert!(waited.arguments.contains(", 1024, "));
        Ok(())
    });
}

/// `yield_now` does not call the waker in its own poll. It leaves it with the scheduler, which
/// calls it at its next look at the driver: when nothing else is ready, or else after 61 polls.
///
/// See tokio 1.54.1: src/task/yield_now.rs, defer.
#[test]
fn yield_now_leaves_its_waker_with_the_scheduler() {
    claim(|c| {
        for others in [0, 200] {
            let runtime = current_thread()?;
            let (ran, at_the_wake) = (Arc::new(AtomicUsize::new(0)), Arc::new(OnceLock::new()));
            let (so_far, noted) = (Arc::clone(&ran), Arc::clone(&at_the_wake));
            let mut wakes = WakerProbe::answering(move || {
                let _ = noted.set(so_far.load(Ordering::SeqCst));
            });
            let (pending, during) = runtime.block_on(async {
                for _ in 0..others {
                    let ran = Arc::clone(&ran);
                    task::spawn(async move { ran.fetch_add(1, Ordering::SeqCst) });
                }
                let mut yields = pin!(task::yield_now());
                let pending = wakes.poll(yields.as_mut())?.is_pending();
                let during = wakes.wakes();
                turn_until("the waker's call", || at_the_wake.get().is_some()).await?;
                Checked::Ok((pending, during))
            })?;
            let before = at_the_wake.get().copied();
            c.saw(format!(
                "{others} tasks are ready; calls of the waker during the poll: {during}; tasks that ran before its call: {before:?}"
            ));
            assert_eq!((pending, during, before), (true, 0, Some(others.min(61))));
        }
        Ok(())
    });
}
