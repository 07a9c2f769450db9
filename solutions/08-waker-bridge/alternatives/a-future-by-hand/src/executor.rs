//! One future, polled when it is due.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::waiter::Bridge;

/// How often the future was woken; the first time is for nothing.
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        println!("wake");
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs one future to its end.
///
/// # Errors
/// When the bridge fails.
pub fn run<F: Future>(bridge: &mut Bridge, future: F) -> io::Result<F::Output> {
    let mut future = Box::pin(future);
    let wakes = Arc::new(Wakes(AtomicUsize::new(1)));
    let waker = Waker::from(Arc::clone(&wakes));
    let mut answered = 0;
    loop {
        let woken = wakes.0.load(Ordering::SeqCst);
        if woken == answered {
            bridge.turn(None)?;
            continue;
        }
        answered = woken;
        println!("poll");
        let mut cx = Context::from_waker(&waker);
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
    }
}
