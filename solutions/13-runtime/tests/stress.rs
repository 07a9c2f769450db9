//! Yields, wakes from other threads and short sleeps, all at once: where a wake is lost, it hangs.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use runtime::futures_by_hand::YieldNow;
use runtime::{Runtime, sleep, spawn};

/// Waits for the thread that wakes.
async fn woken_from_a_thread(wakes: &mpsc::Sender<(Arc<AtomicBool>, Waker)>) {
    let is_done = Arc::new(AtomicBool::new(false));
    let mut is_sent = false;
    poll_fn(|cx| {
        if is_done.load(SeqCst) {
            return Poll::Ready(());
        }
        if !std::mem::replace(&mut is_sent, true) {
            wakes
                .send((Arc::clone(&is_done), cx.waker().clone()))
                .unwrap();
        }
        Poll::Pending
    })
    .await;
}

fn stress(mut runtime: Runtime) {
    let (wakes, woken) = mpsc::channel::<(Arc<AtomicBool>, Waker)>();
    let waking = thread::spawn(move || {
        for (is_done, waker) in woken {
            is_done.store(true, SeqCst);
            waker.wake();
        }
    });
    runtime.block_on(async {
        for _ in 0..30 {
            let tasks: Vec<_> = (0..50_u32)
                .map(|number| {
                    let wakes = wakes.clone();
                    spawn(async move {
                        for round in 0..50_u32 {
                            match (number + round) % 7 {
                                0 => woken_from_a_thread(&wakes).await,
                                1 if round > 40 => sleep(Duration::from_millis(1)).await,
                                _ => YieldNow::new().await,
                            }
                        }
                    })
                })
                .collect();
            // The main future is woken from there, too.
            woken_from_a_thread(&wakes).await;
            for task in tasks {
                task.await.unwrap();
            }
        }
        // Nothing else goes on: each wake meets a thread that is about to sleep.
        for _ in 0..20_000 {
            woken_from_a_thread(&wakes).await;
        }
    });
    drop(runtime);
    drop(wakes);
    waking.join().unwrap();
}

#[test]
fn no_wake_is_lost_under_stress() {
    stress(Runtime::new().unwrap());
}

#[test]
fn no_wake_is_lost_while_it_spins() {
    stress(Runtime::new().unwrap().spin(Duration::from_micros(20)));
}
