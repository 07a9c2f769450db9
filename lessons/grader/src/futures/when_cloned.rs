//! A waker that runs a function whenever it is cloned: a check can act in the moment in which a
//! poll keeps the waker.
//!
//! A waker made from [`std::task::Wake`] is cloned without any code of the kit, so it cannot do
//! that.

use std::sync::Arc;
use std::task::Waker;

use cooked_waker::{IntoWaker, Wake, WakeRef};

/// A waker in the place of another, with the function to call before each clone.
struct Noticed {
    waker: Waker,
    deed: Arc<dyn Fn() + Send + Sync>,
}

/// Returns a waker that wakes `waker`, and calls `deed` before each clone of itself, in the thread
/// that clones.
#[must_use]
pub fn when_cloned(waker: Waker, deed: impl Fn() + Send + Sync + 'static) -> Waker {
    let deed = Arc::new(deed);
    Box::new(Noticed { waker, deed }).into_waker()
}

impl Clone for Noticed {
    fn clone(&self) -> Self {
        (self.deed)();
        Self {
            waker: self.waker.clone(),
            deed: Arc::clone(&self.deed),
        }
    }
}

impl WakeRef for Noticed {
    fn wake_by_ref(&self) {
        self.waker.wake_by_ref();
    }
}

impl Wake for Noticed {
    fn wake(self) {
        self.waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::futures::waker_probe::WakerProbe;

    #[test]
    fn each_clone_is_noticed_before_it_is_made() {
        let probe = WakerProbe::new();
        let clones = Arc::new(AtomicUsize::new(0));
        let waker = when_cloned(probe.waker(), {
            let clones = Arc::clone(&clones);
            move || {
                clones.fetch_add(1, Ordering::SeqCst);
            }
        });
        let second = waker.clone();
        drop(second.clone());
        assert_eq!(clones.load(Ordering::SeqCst), 2);
        assert_eq!(probe.held(), 2, "it holds what it stands for");
    }

    #[test]
    fn it_wakes_what_it_stands_for() {
        let probe = WakerProbe::new();
        let waker = when_cloned(probe.waker(), || {});
        waker.wake_by_ref();
        waker.wake();
        assert_eq!((probe.wakes_by_ref(), probe.wakes_by_value()), (1, 1));
        assert_eq!(probe.held(), 0);
    }
}
