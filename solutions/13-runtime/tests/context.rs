//! The context: what is put back, and what there is not outside.

use std::io::Read;
use std::net;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use runtime::net::TcpListener;
use runtime::{Closing, Handle, Runtime, sleep, spawn};

const MS: Duration = Duration::from_millis(1);

/// What a panic said.
fn panics(f: impl FnOnce()) -> String {
    let panic = panic::catch_unwind(AssertUnwindSafe(f)).unwrap_err();
    match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[test]
fn outside_a_runtime_there_is_a_clear_error() {
    for words in [
        panics(|| drop(spawn(async {}))),
        panics(|| drop(sleep(MS))),
        panics(|| drop(runtime::timeout(MS, async {}))),
        panics(|| drop(runtime::interval(MS))),
        panics(|| drop(Handle::current())),
    ] {
        assert!(words.contains("no runtime on this thread"), "{words}");
    }
    let error = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn a_handle_can_be_entered_anywhere() {
    let mut runtime = Runtime::new().unwrap();
    let handle = runtime.handle();
    let listener = thread::spawn(move || {
        let _entered = handle.enter();
        drop(spawn(async {}));
        TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap()
    });
    let listener = listener.join().unwrap();
    let address = listener.local_addr().unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    runtime.block_on(listener.accept()).unwrap();
}

#[test]
fn a_panic_or_a_nested_runtime_leaves_nothing_behind() {
    let mut outer = Runtime::new().unwrap();
    let place = Arc::new(Mutex::new(None::<Waker>));
    let leaves = Arc::clone(&place);
    let words = panics(|| {
        outer.block_on(async {
            // Queued, and not polled before the panic.
            drop(spawn(async move {
                let mut is_asked = false;
                std::future::poll_fn(|cx| {
                    *leaves.lock().unwrap() = Some(cx.waker().clone());
                    match std::mem::replace(&mut is_asked, true) {
                        false => Poll::Pending,
                        true => Poll::Ready(()),
                    }
                })
                .await;
            }));
            Runtime::new().unwrap().block_on(async {
                sleep(MS).await;
                spawn(async {}).await.unwrap();
            });
            // This is the outer runtime again.
            spawn(async {}).await.unwrap();
            panic!("in the middle");
        });
    });
    assert_eq!(words, "in the middle");
    assert!(panics(|| drop(spawn(async {}))).contains("no runtime"));
    // On another thread it goes on, and a wake from this one is a wake from outside.
    let (tell, told) = std::sync::mpsc::channel();
    let moved = thread::spawn(move || {
        outer.block_on(async {
            tell.send(()).unwrap();
            let mut slept = 0;
            while place.lock().unwrap().is_none() {
                sleep(MS).await;
                slept += 1;
                assert!(slept < 10_000, "the task is lost");
            }
            place.lock().unwrap().take().unwrap()
        })
    });
    told.recv().unwrap();
    moved.join().unwrap().wake();
}

#[test]
fn dropping_the_runtime_closes_every_socket() {
    let mut runtime = Runtime::new().unwrap();
    let mut clients = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut clients = Vec::new();
        for _ in 0..10 {
            clients.push(net::TcpStream::connect(address).unwrap());
            let (client, _address) = listener.accept().await.unwrap();
            drop(spawn(async move {
                let _ = client.readable().await;
            }));
        }
        sleep(MS).await;
        clients
    });
    drop(runtime);
    for client in &mut clients {
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn a_task_that_is_dropped_with_its_runtime_may_spawn() {
    struct Spawns(Arc<Mutex<u32>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            drop(spawn(async {}));
            *self.0.lock().unwrap() += 1;
        }
    }
    let count = Arc::new(Mutex::new(0));
    let spawns = Spawns(Arc::clone(&count));
    let runtime = Runtime::new().unwrap();
    drop(runtime.handle().spawn(async move {
        let _spawns = spawns;
        std::future::pending::<()>().await;
    }));
    drop(runtime);
    assert_eq!(*count.lock().unwrap(), 1);
}

#[test]
fn an_end_is_told_to_all_who_wait_for_it() {
    Runtime::new().unwrap().block_on(async {
        let closing = Closing::new();
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let mut begun = closing.begun();
                spawn(async move { begun.unless(sleep(Duration::from_secs(3600))).await })
            })
            .collect();
        let mut early = closing.begun();
        assert_eq!(early.unless(async { 1 }).await, Some(1));
        sleep(MS).await;
        closing.begin();
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), None);
        }
        assert_eq!(
            early.unless(async { 1 }).await,
            None,
            "it has begun for good"
        );
        closing.begun().await;
    });
}

#[test]
fn runtime_and_handle_may_be_sent() {
    fn sent<T: Send>() {}
    fn shared<T: Sync>() {}
    sent::<Runtime>();
    sent::<Handle>();
    shared::<Handle>();
    sent::<Closing>();
    shared::<Closing>();
}
