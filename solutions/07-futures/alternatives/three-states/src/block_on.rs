//! An executor for one future, with one parker for all that a thread runs one after the other.

use std::cell::Cell;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Parker;

thread_local! {
    /// The parker of this thread, while no `block_on` uses it. Calls that come after a future has
    /// ended are taken by the next one, as polls too many.
    static SPARE: Cell<Option<Arc<Parker>>> = const { Cell::new(None) };
}

/// Runs `future` to its end on this thread, which sleeps while the future has nothing to do.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    // Taken out, so that a `block_on` inside this one has another.
    let parker = SPARE.take().unwrap_or_default();
    let waker = Waker::from(Arc::clone(&parker));
    let mut context = Context::from_waker(&waker);
    let output = loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => break output,
            Poll::Pending => parker.park(),
        }
    };
    SPARE.set(Some(parker));
    output
}
