//! An executor for one future, on the thread that calls it.
//!
//! Invariant: the future is polled once, and once more for each wake; in
//! between, the thread sleeps.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Parker;

/// Runs `future` to its end on this thread, which sleeps while the future has nothing to do.
pub fn block_on<F: Future>(future: F) -> F::Output {
    todo!("pin the future, make a waker, and poll until it is ready; sleep after each Pending")
}
