//! A bell that counts how often it was rung.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// Rung by an executor.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    /// The bell, and who counts.
    pub(crate) fn new() -> (Waker, Arc<Self>) {
        let bell = Arc::<Self>::default();
        (Waker::from(Arc::clone(&bell)), bell)
    }

    /// How often it was rung since the last call.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
