//! An executor for one future, on the thread that calls it.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Parker;

/// Runs `future` to its end on this thread, which sleeps while the future has nothing to do.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker::new());
    let waker = Arc::clone(&parker).into();
    loop {
        let mut context = Context::from_waker(&waker);
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        parker.park();
    }
}
