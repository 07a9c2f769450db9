//! The join handle: what is left of a task for whoever has spawned it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::outcome::JoinError;
use crate::task::Task;

/// A future that waits for a task to end: its output, or why there is none.
///
/// When it is dropped, the task goes on, and its output is dropped when it comes.
///
/// tokio 1.54: `src/runtime/task/join.rs`, `JoinHandle`
pub struct JoinHandle<T: Send + 'static> {
    task: Arc<Task<T>>,
}

impl<T: Send + 'static> JoinHandle<T> {
    pub(crate) fn new(task: Arc<Task<T>>) -> Self {
        Self { task }
    }

    /// Ends the task: its future is dropped by its next turn, and not polled any more. A task that
    /// has ended is left as it is.
    pub fn abort(&self) {
        self.task.abort();
    }
}

impl<T: Send + 'static> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.task.outcome().poll(cx)
    }
}

impl<T: Send + 'static> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        self.task.outcome().close();
    }
}

impl<T: Send + 'static> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}
