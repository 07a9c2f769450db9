//! The handle: what everybody but the thread in the loop knows of a runtime.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use time::executor::{JoinHandle, Spawner};
use time::{Interval, Sleep, Timeout, Timers, reactor};

/// A runtime, to those who give it something to do, from any thread. Clones are handles of the same
/// runtime.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

struct Shared {
    spawner: Spawner,
    timers: Arc<Timers>,
    reactor: reactor::Handle,
}

impl Handle {
    pub(crate) fn new(spawner: Spawner, timers: Timers, reactor: reactor::Handle) -> Self {
        Self {
            shared: Arc::new(Shared {
                spawner,
                timers: Arc::new(timers),
                reactor,
            }),
        }
    }

    /// Makes a task of a future. It is polled while the runtime is in `block_on`.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.shared.spawner.spawn(future)
    }

    /// A future that is ready when `time` has passed, from now on.
    pub fn sleep(&self, time: Duration) -> Sleep {
        self.timers().sleep(time)
    }

    /// Gives a future `time` to be ready in, from now on.
    pub fn timeout<F: Future>(&self, time: Duration, future: F) -> Timeout<F> {
        self.timers().timeout(time, future)
    }

    /// Ticks once in every `period`, the first time now.
    ///
    /// # Panics
    /// When the period is zero.
    pub fn interval(&self, period: Duration) -> Interval {
        self.timers().interval(period)
    }

    pub(crate) fn timers(&self) -> &Arc<Timers> {
        &self.shared.timers
    }

    pub(crate) fn reactor(&self) -> &reactor::Handle {
        &self.shared.reactor
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}
