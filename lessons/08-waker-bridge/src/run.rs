//! The executor: one future, polled when it was woken, and a thread that sleeps
//! in the bridge until then.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::bridge::Bridge;
use crate::log::{Step, log};

/// What the future's waker rings.
#[derive(Default)]
struct Bell {
    /// Set by a wake, from wherever it comes; cleared by `run`, which then owes the future a poll.
    rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        log(Step::Wake);
        self.rung.store(true, Ordering::SeqCst);
    }
}

/// Asks the future whether it is done.
fn ask<F: Future>(future: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    log(Step::Poll);
    future.poll(cx)
}

/// Runs one future to its end, and sleeps in the bridge whenever there is nothing to do for it.
///
/// The future is polled once to begin with, and then when it was woken, and never otherwise.
///
/// # Errors
/// When the bridge fails. What the future returns is its own affair.
pub fn run<F: Future>(bridge: &mut Bridge, future: F) -> io::Result<F::Output> {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    todo!("ask the future, sleep in the bridge until it is to be asked again, and so on to its end")
}
