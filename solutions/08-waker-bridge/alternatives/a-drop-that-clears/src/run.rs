//! One future, polled when it was woken.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::bridge::Bridge;

/// Set by a wake, cleared before the poll that answers it.
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        println!("wake");
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs one future to its end.
///
/// # Errors
/// When the bridge fails.
pub fn run<F: Future>(bridge: &mut Bridge, future: F) -> io::Result<F::Output> {
    let mut future = pin!(future);
    let bell = Arc::new(Bell(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&bell));
    loop {
        while !bell.0.load(Ordering::SeqCst) {
            bridge.turn(None)?;
        }
        bell.0.store(false, Ordering::SeqCst);
        println!("poll");
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Ok(output);
        }
    }
}
