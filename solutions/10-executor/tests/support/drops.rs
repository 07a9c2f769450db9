//! What several tests count with: drops, and what a task came to.
#![allow(dead_code, reason = "no test needs all of it")]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use executor::{JoinError, JoinHandle};

/// Counts its drops.
#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

pub(crate) struct Dropped(Drops);

impl Drops {
    /// Something whose drop is counted.
    pub(crate) fn one(&self) -> Dropped {
        Dropped(self.clone())
    }

    /// How many have been dropped.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The outcome of a task that has ended.
pub(crate) fn outcome<T: Send>(handle: JoinHandle<T>) -> Result<T, JoinError> {
    let mut handle = pin!(handle);
    match handle
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it has not ended"),
    }
}
