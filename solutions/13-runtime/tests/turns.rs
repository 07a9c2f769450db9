//! The loop: what it drives, in which order, and who ends its sleep.

use std::cell::Cell;
use std::fs;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use grader::{Steps, check};
use runtime::futures_by_hand::YieldNow;
use runtime::net::tokio::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::{Runtime, sleep, spawn, timeout};
use rustix::time::{ClockId, clock_gettime};

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(3600);

/// Processor time that this thread has used.
fn used() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

/// How often this thread has called `write`.
fn writes() -> u64 {
    let counts = fs::read_to_string("/proc/thread-self/io").unwrap();
    let line = counts.lines().find_map(|line| line.strip_prefix("syscw: "));
    line.unwrap().parse().unwrap()
}

#[test]
fn tasks_timers_and_sockets_share_one_thread() {
    let here = thread::current().id();
    let heard = Runtime::new().unwrap().block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let echo = spawn(async move {
            assert_eq!(thread::current().id(), here);
            let (mut client, _address) = listener.accept().await.unwrap();
            let mut heard = [0; 5];
            client.read_exact(&mut heard).await.unwrap();
            sleep(MS).await;
            client.write_all(&heard).await.unwrap();
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        timeout(LONG, stream.read_exact(&mut heard))
            .await
            .unwrap()
            .unwrap();
        echo.await.unwrap();
        heard
    });
    assert_eq!(&heard, b"hello");
}

#[test]
fn a_wake_from_another_thread_ends_the_sleep() {
    let mut runtime = Runtime::new().unwrap();
    let handle = runtime.handle();
    let begun = Instant::now();
    runtime.block_on(async {
        let done = Arc::new(AtomicUsize::new(0));
        let adds = Arc::clone(&done);
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        thread::spawn(move || {
            thread::sleep(MS * 30);
            // A task that is spawned there, and then the main future itself.
            drop(handle.spawn(async move {
                adds.fetch_add(1, SeqCst);
                waker.wake();
            }));
        });
        let is_done = poll_fn(|_| match done.load(SeqCst) {
            0 => Poll::Pending,
            _ => Poll::Ready(()),
        });
        timeout(LONG, is_done).await.unwrap();
    });
    assert!(begun.elapsed() < LONG);
}

#[test]
fn an_earlier_deadline_from_another_thread_is_kept() {
    let mut runtime = Runtime::new().unwrap();
    let handle = runtime.handle();
    runtime.block_on(async {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let setter = thread::spawn(move || {
            thread::sleep(MS * 30);
            let mut sleep = handle.sleep(MS);
            let mut cx = std::task::Context::from_waker(&waker);
            assert!(std::pin::Pin::new(&mut sleep).poll(&mut cx).is_pending());
            sleep
        });
        let mut is_asked = false;
        let is_woken = poll_fn(|_| match std::mem::replace(&mut is_asked, true) {
            false => Poll::Pending,
            true => Poll::Ready(()),
        });
        timeout(LONG, is_woken).await.unwrap();
        drop(setter.join().unwrap());
    });
}

#[test]
fn neither_tasks_nor_sockets_nor_the_main_future_starve() {
    let mut runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        for _ in 0..1000 {
            // Always busy.
            drop(spawn(async {
                loop {
                    YieldNow::new().await;
                }
            }));
        }
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let client = spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(&[1; 100]).await.unwrap();
            sleep(MS * 5).await;
        });
        let (mut server, _address) = listener.accept().await.unwrap();
        server.read_exact(&mut [0; 100]).await.unwrap();
        client.await.unwrap();
        // And the other way round: the main future is always busy.
        let mut turns = 0;
        let task = spawn(async {
            for _ in 0..100 {
                YieldNow::new().await;
            }
        });
        let mut task = std::pin::pin!(task);
        poll_fn(|cx| {
            turns += 1;
            cx.waker().wake_by_ref();
            task.as_mut().poll(cx).map(Result::unwrap)
        })
        .await;
        assert!(turns > 1);
    });
}

#[test]
fn a_wake_of_its_own_writes_nothing() {
    let mut runtime = Runtime::new().unwrap();
    let before = writes();
    runtime.block_on(async {
        for _ in 0..100 {
            // Woken in a turn, by a timer, by a task, and spawned.
            let task = spawn(async {
                YieldNow::new().await;
                sleep(MS).await;
            });
            task.await.unwrap();
        }
    });
    assert_eq!(writes() - before, 0);
}

#[test]
fn spinning_ends_and_then_it_sleeps() {
    let used_with = |spin| {
        let mut runtime = Runtime::new().unwrap().spin(spin);
        let before = used();
        runtime.block_on(async { sleep(MS * 400).await });
        used() - before
    };
    assert!(used_with(Duration::ZERO) < MS * 10);
    let spun = used_with(MS * 40);
    // On a busy machine the thread has not had the processor for all of that time.
    assert!(MS / 2 < spun && spun < MS * 200, "{spun:?}");
}

#[test]
fn a_second_block_on_goes_on_with_the_tasks() {
    let mut runtime = Runtime::new().unwrap();
    let steps = Arc::new(AtomicUsize::new(0));
    let adds = Arc::clone(&steps);
    let task = runtime.handle().spawn(async move {
        loop {
            adds.fetch_add(1, SeqCst);
            sleep(MS).await;
        }
    });
    runtime.block_on(async { sleep(MS * 5).await });
    let before = steps.load(SeqCst);
    assert!(before > 0);
    // What is no task needs neither `Send` nor `'static`.
    let local = Rc::new(Cell::new(0));
    runtime.block_on(async {
        while steps.load(SeqCst) < before + 3 {
            sleep(MS).await;
        }
        local.set(1);
    });
    assert_eq!(local.get(), 1);
    task.abort();
    assert!(runtime.block_on(task).unwrap_err().is_aborted());
}

#[test]
fn a_sleep_of_a_second_takes_few_turns() {
    check(|c| {
        let calls = c.isolated_traced(|steps: &Steps| {
            let mut runtime = Runtime::new().unwrap();
            steps.count(|| runtime.block_on(async { sleep(Duration::from_secs(1)).await }));
            Ok(())
        })?;
        let turns = calls[0]
            .iter()
            .filter(|call| call.contains("epoll"))
            .count();
        // One for each ring of the wheel that it goes through, and one before.
        assert!(turns <= 4, "{:?}", calls[0]);
        Ok(())
    });
}
