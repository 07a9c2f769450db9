//! An executor for one future, with one parker for all that a thread ever runs.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Parker;

thread_local! {
    /// Calls that come after a future has ended are taken by the next one, as polls too many.
    static PARKER: Arc<Parker> = Arc::new(Parker::new());
}

/// Runs `future` to its end on this thread, which sleeps while the future has nothing to do.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    PARKER.with(|parker| {
        let waker = Waker::from(Arc::clone(parker));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            parker.park();
        }
    })
}
