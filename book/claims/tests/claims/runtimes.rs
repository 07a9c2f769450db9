//! What belongs to which runtime, who drives it, and what happens when nobody does.
//!
//! Longer than others: a list of claims, each read by itself.

use std::future::poll_fn;
use std::io::{ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use claims::rt::{at_once, block_on, connected, current_thread, in_time, workers};
use claims::{Call, Checked, Stop, claim, own, peer, reach};
use grader::WakerProbe;
use grader::kernel::threads::Thread;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// Of four idle workers exactly one sleeps in `epoll_wait`, for all of them. The other three sleep
/// on a condition variable: whoever is first gets the driver, by a `try_lock`.
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
            in_time("a task that was woken", task)
                .await?
                .expect("nobody panics")?;
        }
        in_time("the other", other).await?.expect("nobody panics")?;
        Checked::Ok(())
    })?;
    Ok(Blocked {
        threads,
        later,
        served,
    })
}

/// There is no I/O thread that your code cannot hold up. A worker whose turn has made *one* task
/// ready, and which then blocks in it, leaves nobody in `epoll_wait`, although three others are
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

/// Reads. What there is to read is written when the first poll has left its waker, and not before.
async fn read_by_a_wake(
    stream: &mut TcpStream,
    far: &mut std::net::TcpStream,
) -> std::io::Result<usize> {
    let mut buffer = [0; 16];
    let mut read = pin!(stream.read(&mut buffer));
    let mut waits = false;
    poll_fn(|cx| {
        let polled = read.as_mut().poll(cx);
        if !waits {
            assert!(polled.is_pending(), "nothing has been written");
            waits = true;
            far.write_all(b"hello")?;
        }
        polled
    })
    .await
}

/// A socket belongs to the runtime in which it was made, and works on any other as long as its own
/// is driven. It panics nowhere: a stream of one runtime can be read inside the `block_on` of
/// another.
#[test]
fn a_stream_works_on_another_runtime_while_its_own_is_driven() {
    claim(|c| {
        let (own, other) = (workers(1)?, current_thread()?);
        let (mut stream, mut far) = own.block_on(connected())?;
        let read = other.block_on(read_by_a_wake(&mut stream, &mut far));
        c.saw(format!(
            "made on one runtime, waited for and read on another: {read:?}"
        ));
        assert_eq!(read?, 5);
        Ok(())
    });
}

/// If nobody drives the runtime that a socket belongs to, no event is ever delivered: on another
/// runtime the read waits, with the bytes in the kernel. One turn of its own runtime, and it is
/// ready.
#[test]
fn a_stream_of_an_idle_runtime_waits_for_its_own_driver() {
    claim(|c| {
        let (own, other) = (current_thread()?, current_thread()?);
        let (mut stream, mut far) = own.block_on(connected())?;
        far.write_all(b"hello")?;
        peer::reach_unread(&stream, 5)?;
        let mut buffer = [0; 16];
        let pending = other.block_on(async {
            let pending = at_once(stream.read(&mut buffer)).is_none();
            // The other runtime's driver turns; it is not the one.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            pending && at_once(stream.read(&mut buffer)).is_none()
        });
        own.block_on(tokio::task::yield_now());
        let read = other.block_on(in_time("the read", stream.read(&mut buffer)))?;
        c.saw(format!("5 bytes unread; pending on the other runtime: {pending}; after one turn of its own: {read:?}"));
        assert!(pending && read? == 5);
        Ok(())
    });
}

/// When its runtime is dropped, whoever waits for a socket is woken, and finds an error that says
/// so. What needs no event goes on working: `try_write` still takes bytes.
#[test]
fn a_stream_outlives_its_runtime_with_an_error() {
    claim(|c| {
        let own = current_thread()?;
        let ((mut stream, _far), (listed, _far_too)) =
            own.block_on(async { Checked::Ok((connected().await?, connected().await?)) })?;
        let (mut reader, mut waiter) = (WakerProbe::new(), WakerProbe::new());
        let mut buffer = [0; 16];
        let (mut read, mut readable) = (pin!(stream.read(&mut buffer)), pin!(listed.readable()));
        assert!(reader.poll(read.as_mut())?.is_pending());
        assert!(waiter.poll(readable.as_mut())?.is_pending());
        drop(own);
        let wakes = (reader.wakes(), waiter.wakes());
        c.saw(format!(
            "wakes of one in `read` and of one in `readable`: {wakes:?}"
        ));
        assert_eq!(wakes, (1, 1));
        let read = at_once(read).expect("the read has been woken");
        let readable = at_once(readable).expect("the wait has been woken");
        let written = listed.try_write(b"still");
        c.saw(format!(
            "read: {read:?}; readable: {readable:?}; try_write: {written:?}"
        ));
        for error in [read.map(drop), readable].map(Result::unwrap_err) {
            assert!(error.to_string().contains("shutdown"));
        }
        assert_eq!(written?, 5);
        Ok(())
    });
}

/// `into_std` and `from_std` move a socket from one runtime to another. No other synchronisation is
/// needed.
#[test]
fn into_std_and_from_std_move_a_stream() {
    claim(|c| {
        let (old, new) = (current_thread()?, current_thread()?);
        let (stream, mut far) = old.block_on(connected())?;
        let stream = stream.into_std()?;
        drop(old);
        far.write_all(b"hello")?;
        let read = new.block_on(async {
            let mut stream = TcpStream::from_std(stream)?;
            in_time("the read", stream.read(&mut [0; 16])).await
        })?;
        c.saw(format!("moved; its first runtime is gone; read: {read:?}"));
        assert_eq!(read?, 5);
        Ok(())
    });
}

/// tokio's sockets can be awaited on an executor that knows nothing of tokio, as long as their own
/// runtime is driven: a waker is all that the two have in common. What *makes* a socket, such as
/// `accept`, needs the context of a runtime besides, and panics without one.
#[test]
fn a_foreign_executor_can_await_tokio_s_sockets() {
    claim(|c| {
        let runtime = workers(1)?;
        let (mut stream, mut far) = runtime.block_on(connected())?;
        let read = block_on(read_by_a_wake(&mut stream, &mut far));
        c.saw(format!(
            "waited for and read under a `block_on` of twenty lines: {read:?}"
        ));
        assert_eq!(read?, 5);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let outside = catch_unwind(AssertUnwindSafe(|| block_on(listener.accept()))).is_err();
        let context = runtime.enter();
        let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let inside = block_on(listener.accept()).is_ok();
        drop(context);
        c.saw(format!(
            "`accept` panics outside of the context: {outside}; works inside: {inside}"
        ));
        assert!(outside && inside);
        Ok(())
    });
}

/// Without a runtime around them `from_std` and `sleep` panic where they are called, not where they
/// are awaited. A future of `connect` can be made anywhere, and panics when it is polled.
#[test]
fn what_needs_a_runtime_panics_without_one() {
    claim(|c| {
        let panics = |what: &dyn Fn()| catch_unwind(AssertUnwindSafe(what)).is_err();
        let from_std = || {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.set_nonblocking(true).expect("a flag");
            let _ = TcpListener::from_std(listener);
        };
        let sleep = || drop(tokio::time::sleep(Duration::from_secs(1)));
        let connect = || drop(TcpStream::connect("127.0.0.1:1"));
        let polled = || drop(at_once(TcpStream::connect("127.0.0.1:1")));
        let found = [
            panics(&from_std),
            panics(&sleep),
            panics(&connect),
            panics(&polled),
        ];
        c.saw(format!(
            "panics: from_std {}, sleep {}, connect {}, connect polled {}",
            found[0], found[1], found[2], found[3]
        ));
        assert_eq!(found, [true, true, false, true]);
        Ok(())
    });
}

/// `spawn_blocking` starts a thread for each call that finds no idle one, up to a limit. Further
/// calls wait for a thread that is free again.
#[test]
fn blocking_calls_beyond_the_limit_wait() {
    claim(|c| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(4).build()?;
        let (begun, count) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        for _ in 0..10 {
            let (begun, released) = (begun.clone(), released.clone());
            runtime.spawn_blocking(move || {
                let _ = begun.send(());
                let _ = released.lock().map(|released| released.recv());
            });
        }
        let mut running = 0;
        reach("four of the calls running", || {
            running += count.try_iter().count();
            running >= 4
        })?;
        let threads = own::reach_rest()?.len();
        running += count.try_iter().count();
        c.saw(format!(
            "10 calls, a limit of 4: {running} run, on {threads} threads"
        ));
        assert_eq!((running, threads), (4, 4));
        drop(release);
        Ok(())
    });
}

/// Dropping a runtime waits for the blocking calls that have begun, however long they take.
/// `shutdown_timeout` does not wait longer than its time, and `shutdown_background` not at all.
///
/// See tokio 1.54.1: src/runtime/blocking/pool.rs, BlockingPool::shutdown.
#[test]
fn dropping_a_runtime_waits_for_blocking_calls() {
    /// A runtime with a blocking call in progress, what ends the call, and what tells that it has
    /// ended.
    fn with_a_call() -> Checked<(Runtime, Sender<()>, Arc<AtomicBool>)> {
        let runtime = current_thread()?;
        let (begun, begins) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&has_ended);
        runtime.spawn_blocking(move || {
            let _ = begun.send(());
            let _ = released.recv();
            ended.store(true, Ordering::SeqCst);
        });
        begins.recv().expect("the call begins");
        Ok((runtime, release, has_ended))
    }
    claim(|c| {
        let (runtime, release, has_ended) = with_a_call()?;
        let drops = std::thread::spawn(move || drop(runtime));
        let threads = own::told(&own::reach_rest()?);
        let waits = !drops.is_finished();
        drop(release);
        drops.join().expect("it does not panic");
        c.saw(format!(
            "a call in progress: {threads}; dropping waits: {waits}"
        ));
        assert!(waits && has_ended.load(Ordering::SeqCst));
        let (runtime, _in_progress, has_ended) = with_a_call()?;
        runtime.shutdown_timeout(Duration::from_millis(1));
        let after_a_timeout = has_ended.load(Ordering::SeqCst);
        let (runtime, _in_progress_too, has_ended) = with_a_call()?;
        runtime.shutdown_background();
        let in_the_background = has_ended.load(Ordering::SeqCst);
        c.saw(format!(
            "the call has ended after shutdown_timeout: {after_a_timeout}, shutdown_background: {in_the_background}"
        ));
        assert!(!after_a_timeout && !in_the_background);
        Ok(())
    });
}

/// When its runtime is gone, a socket's `write` fails with an error, even where there is room, and
/// does not hang where there is none. `try_write` writes all the same.
///
/// In tokio 1.53 the refusal erased the note of the shutdown, and the next write waited for ever.
#[test]
fn a_write_errs_when_the_runtime_is_gone() {
    claim(|c| {
        let own = current_thread()?;
        let (mut stream, _far) = own.block_on(connected())?;
        drop(own);
        let with_room = at_once(stream.write(b"x")).expect("it does not wait");
        let tried = stream.try_write(b"x");
        c.saw(format!(
            "with room: write {with_room:?}, try_write {tried:?}"
        ));
        assert!(with_room.is_err() && tried? == 1);
        let bytes = vec![0; 1 << 20];
        let refused = loop {
            if let Err(error) = stream.try_write(&bytes) {
                break error.kind();
            }
        };
        let full = at_once(stream.write(b"x")).expect("it does not wait");
        c.saw(format!("full: try_write {refused:?}, write {full:?}"));
        assert!(refused == ErrorKind::WouldBlock && full.is_err());
        Ok(())
    });
}

/// A task has one waker wherever it runs. It names the task and no queue: which queue the task goes
/// into is decided by whoever wakes it.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/worker.rs, schedule_task.
#[test]
fn a_task_that_moves_to_another_thread_keeps_its_waker() {
    claim(|c| {
        let runtime = workers(2)?;
        let (polled, polls) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let mut blocker = Some(released);
        runtime.spawn(std::future::poll_fn(move |cx| {
            let _ = polled.send((std::thread::current().id(), cx.waker().clone()));
            // Put next in line on this very worker, it holds the worker up as soon as this poll is
            // over.
            let Some(released) = blocker.take() else {
                return std::task::Poll::Ready(());
            };
            tokio::spawn(async move { released.recv() });
            std::task::Poll::Pending
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
