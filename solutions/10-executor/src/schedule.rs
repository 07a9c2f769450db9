//! What a task and an executor know of each other.
//!
//! Invariant: neither names the other's type, so the same tasks run on any executor.

use std::sync::Arc;

/// Where the tasks of an executor go when they are woken.
pub trait Schedule: Send + Sync + 'static {
    /// Queues a task that was woken. It is called on any thread, without a lock.
    fn schedule(&self, task: Runnable);

    /// The short way into a queue of the calling thread, if that is one of the executor's own.
    ///
    /// A function and no method: a task owns its `Schedule`, and is moved by this call.
    fn here(&self) -> Option<fn(Runnable)> {
        None
    }

    /// Forgets a task that has ended: see [`Tasks::ended`](crate::Tasks::ended).
    fn ended(&self, key: usize);
}

/// A task that was woken, and waits for its turn.
#[must_use = "a task that was woken has to run, or it is never woken again"]
pub struct Runnable(pub(crate) Arc<dyn Run>);

impl Runnable {
    /// Gives the task its turn: polls it once, or ends it. Returns it when it was woken meanwhile,
    /// by itself for example: then it has to be queued again.
    #[must_use = "it was woken, and has to be queued again"]
    pub fn run(self) -> Option<Self> {
        self.0.run()
    }
}

/// A task, whatever its future and its output.
pub(crate) trait Run: Send + Sync {
    /// See [`Runnable::run`].
    fn run(self: Arc<Self>) -> Option<Runnable>;

    /// Ends it without another turn.
    fn close(&self);
}
