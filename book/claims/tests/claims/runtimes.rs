//! What belongs to which runtime, who drives it, and what happens when nobody does.

use std::io::Write;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use claims::rt::{at_once, block_on, connected, current_thread, in_time, workers};
use claims::{Call, Checked, Stop, claim, own, peer, reach};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// Of four idle workers exactly one sleeps in `epoll_wait`, for all of them. The other three sleep on a condition variable: whoever is
/// first gets the driver, by a `try_lock`.
///
/// See tokio 1.54.1: src/runtime/scheduler/multi_thread/park.rs, park_driver.
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

/// There is no I/O thread that your code cannot hold up. A worker that was woken by the driver and then blocks leaves nobody in
/// `epoll_wait`, although three others are idle: bytes for another socket lie unread until it is done.
///
/// The unstable option `enable_eager_driver_handoff` is there for this.
#[test]
fn a_worker_that_blocks_after_an_event_leaves_the_driver_to_nobody() {
    claim(|c| {
        let runtime = workers(4)?;
        let ((mut a, mut far_a), (mut b, mut far_b)) =
            runtime.block_on(async { Checked::Ok((connected().await?, connected().await?)) })?;
        let (blocks, is_blocked) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let watched = b.as_fd().try_clone_to_owned()?;
        let blocker = runtime.spawn(async move {
            let read = a.read(&mut [0; 8]).await;
            let _ = blocks.send(());
            let _ = released.recv();
            read
        });
        let other = runtime.spawn(async move { b.read(&mut [0; 8]).await });
        c.saw(format!("idle: {}", own::told(&own::reach_rest()?)));
        far_a.write_all(b"a")?;
        is_blocked.recv().expect("the blocker is woken");
        let threads = own::reach_rest()?;
        far_b.write_all(b"b")?;
        peer::reach_unread(&watched, 1)?;
        let later = own::reach_rest()?;
        c.saw(format!(
            "one blocks: {}; a byte for another socket lies unread",
            own::told(&later)
        ));
        assert!(
            threads
                .iter()
                .chain(&later)
                .all(|thread| thread.call == Call::Futex)
        );
        assert!(!other.is_finished());
        release.send(()).expect("it waits for this");
        let (first, second) = runtime.block_on(async {
            Checked::Ok((
                in_time("the blocker", blocker).await?,
                in_time("the other", other).await?,
            ))
        })?;
        c.saw(format!(
            "it goes on, and both are served: {first:?}, {second:?}"
        ));
        Ok(())
    });
}

/// A socket belongs to the runtime in which it was made, and works on any other as long as its own one is driven. It panics nowhere: a
/// stream of one runtime can be read inside the `block_on` of another.
#[test]
fn a_stream_works_on_another_runtime_while_its_own_is_driven() {
    claim(|c| {
        let (own, other) = (workers(1)?, current_thread()?);
        let (mut stream, mut far) = own.block_on(connected())?;
        far.write_all(b"hello")?;
        let read = other.block_on(in_time("the read", stream.read(&mut [0; 16])))?;
        c.saw(format!("made on one runtime, read on another: {read:?}"));
        assert_eq!(read?, 5);
        Ok(())
    });
}

/// If nobody drives the runtime that a socket belongs to, no event is ever delivered: on another runtime the read waits, with the bytes
/// in the kernel. One turn of its own runtime, and it is ready.
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

/// When its runtime is dropped, a socket's waits end with an error that says so. What needs no event goes on working: `try_write` still
/// takes bytes.
#[test]
fn a_stream_outlives_its_runtime_with_an_error() {
    claim(|c| {
        let (own, other) = (current_thread()?, current_thread()?);
        let (mut stream, _far) = own.block_on(connected())?;
        drop(own);
        let written = stream.try_write(b"still");
        let read = other.block_on(in_time("the read", stream.read(&mut [0; 16])))?;
        c.saw(format!("try_write: {written:?}; read: {read:?}"));
        assert_eq!(written?, 5);
        assert!(
            read.expect_err("nobody can tell of bytes")
                .to_string()
                .contains("shutdown")
        );
        Ok(())
    });
}

/// `into_std` and `from_std` move a socket from one runtime to another. No other synchronisation is needed.
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

/// tokio's sockets can be awaited on an executor that knows nothing of tokio, as long as their own runtime is driven: a waker is all that
/// the two have in common. What *makes* a socket, such as `accept`, needs the context of a runtime besides, and panics without one.
#[test]
fn a_foreign_executor_can_await_tokio_s_sockets() {
    claim(|c| {
        let runtime = workers(1)?;
        let (mut stream, mut far) = runtime.block_on(connected())?;
        let client = std::thread::spawn(move || far.write_all(b"hello").map(|()| far));
        let read = block_on(stream.read(&mut [0; 16]));
        c.saw(format!("read under a `block_on` of twenty lines: {read:?}"));
        assert_eq!(read?, 5);
        let _far = client.join().expect("it writes")?;
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

/// Without a runtime around them `from_std` and `sleep` panic where they are called, not where they are awaited. A future of `connect`
/// can be made anywhere, and panics when it is polled.
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

/// `spawn_blocking` starts a thread for each call, up to a limit (512 unless it is set). Further calls wait for a thread that is free
/// again.
#[test]
fn blocking_calls_beyond_the_limit_wait() {
    claim(|c| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(4).build()?;
        let (begun, count) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = std::sync::Arc::new(std::sync::Mutex::new(released));
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

/// A write to a socket whose runtime is gone is refused with an error when the socket is full, and does not hang.
///
/// In tokio 1.53 the refusal erased the note of the shutdown, and the next write waited for ever.
#[test]
fn a_full_socket_of_a_dropped_runtime_errs() {
    claim(|c| {
        let (own, other) = (current_thread()?, current_thread()?);
        let (mut stream, _far) = own.block_on(connected())?;
        drop(own);
        let bytes = vec![0; 1 << 20];
        let mut taken = 0;
        let refused = loop {
            match stream.try_write(&bytes) {
                Ok(n) => taken += n,
                Err(error) => break error.kind(),
            }
        };
        let write = other.block_on(in_time("the write", stream.write(b"x")))?;
        c.saw(format!(
            "{taken} bytes taken, then {refused:?}; then a write: {write:?}"
        ));
        assert!(taken > 0 && write.is_err());
        Ok(())
    });
}

/// A task has one waker wherever it runs. It names the task and no queue: which queue the task goes into is decided by whoever wakes it.
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
            // Put next in line on this very worker, it holds the worker up as soon as this poll is over.
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
