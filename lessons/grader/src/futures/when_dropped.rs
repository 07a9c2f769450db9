//! A waker that runs a function when its last clone is dropped: with the last waker goes the task,
//! and with the task all that it owned.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// Something to be done once.
type Deed = Box<dyn FnOnce() + Send>;

/// A waker that does nothing when it is called. `None` once its deed is done.
struct Farewell(Mutex<Option<Deed>>);

/// Returns a waker that does nothing when it is called, and calls `deed` when its last clone is
/// dropped, in the thread that drops it.
#[must_use]
pub fn when_dropped(deed: impl FnOnce() + Send + 'static) -> Waker {
    Waker::from(Arc::new(Farewell(Mutex::new(Some(Box::new(deed))))))
}

impl Wake for Farewell {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Farewell {
    fn drop(&mut self) {
        let deed = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(deed) = deed.take() {
            deed();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_deed_is_done_once_and_by_the_last_clone() {
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let waker = when_dropped(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let second = waker.clone();
        waker.wake();
        assert_eq!(done.load(Ordering::SeqCst), 0);
        drop(second);
        assert_eq!(done.load(Ordering::SeqCst), 1);
    }
}
