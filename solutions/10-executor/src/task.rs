//! A task: a future that owns its place in the queue.
//!
//! Invariant: only the thread that has the task's turn touches its future, and the turn that ends
//! the task drops it.

use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use crate::outcome::{JoinError, Outcome};
use crate::schedule::{Run, Runnable, Schedule};
use crate::state::{Next, State};

/// A future, and all that a wake of it has to know. The list of the living holds it; so does a
/// queue while it is queued, its join handle, and each of its wakers.
///
/// tokio 1.54: `src/runtime/task/core.rs`, `Cell`
pub(crate) struct Task<T> {
    state: State,
    /// Its place in the list of the living.
    key: usize,
    /// Where it goes when it is woken.
    to: Arc<dyn Schedule>,
    /// `None` once it has ended. Locked by the thread that has the turn, so nobody waits for it:
    /// the lock is held even while the future is polled.
    work: Mutex<Option<Work<T>>>,
    outcome: Outcome<T>,
}

/// The part of a task that goes when it ends.
struct Work<T> {
    future: Pin<Box<dyn Future<Output = T> + Send>>,
    /// The task's own waker, made for the first poll. With it the task holds itself, until it ends.
    waker: Option<Waker>,
}

impl<T: Send + 'static> Task<T> {
    /// A new task, which is queued: the caller has to see to that.
    pub(crate) fn new<F>(future: F, key: usize, to: Arc<dyn Schedule>) -> Arc<Self>
    where
        F: Future<Output = T> + Send + 'static,
    {
        Arc::new(Self {
            state: State::queued(),
            key,
            to,
            work: Mutex::new(Some(Work {
                future: Box::pin(future),
                waker: None,
            })),
            outcome: Outcome::pending(),
        })
    }

    pub(crate) fn outcome(&self) -> &Outcome<T> {
        &self.outcome
    }

    /// Has its future dropped by its next turn.
    pub(crate) fn abort(self: &Arc<Self>) {
        if self.state.abort() {
            Arc::clone(self).queue();
        }
    }

    fn queue(self: Arc<Self>) {
        match self.to.here() {
            Some(push) => push(Runnable(self)),
            None => Arc::clone(&self.to).schedule(Runnable(self)),
        }
    }

    /// Polls the future. If it panics, that ends this task and nothing else.
    fn poll(self: &Arc<Self>) -> thread::Result<Poll<T>> {
        let mut work = self.work();
        let Some(Work { future, waker }) = &mut *work else {
            unreachable!("a task that has ended gets no turn");
        };
        let waker = waker.get_or_insert_with(|| Waker::from(Arc::clone(self)));
        let mut cx = Context::from_waker(waker);
        panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx)))
    }

    /// Drops the future, tells whoever waits for the outcome, and leaves the list of the living.
    fn end(&self, result: Result<T, JoinError>) {
        let work = self.work().take();
        // The lock is free again. A drop and a waker are somebody else's code; where it panics, the
        // panic was told when it happened, and the thread has other tasks.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(work)));
        let _ = panic::catch_unwind(AssertUnwindSafe(|| self.outcome.leave(result)));
        self.to.ended(self.key);
    }

    fn work(&self) -> MutexGuard<'_, Option<Work<T>>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + 'static> Run for Task<T> {
    fn run(self: Arc<Self>) -> Option<Runnable> {
        let result = match self.state.begin() {
            Next::Nothing => return None,
            Next::End => Err(JoinError::Aborted),
            Next::Poll => match self.poll() {
                Ok(Poll::Ready(output)) => Ok(output),
                Err(panic) => Err(JoinError::Panicked(panic)),
                Ok(Poll::Pending) => match self.state.pause() {
                    Next::Nothing => return None,
                    Next::Poll => return Some(Runnable(self)),
                    Next::End => Err(JoinError::Aborted),
                },
            },
        };
        self.end(result);
        None
    }

    fn close(&self) {
        if self.state.close() {
            self.end(Err(JoinError::Aborted));
        }
    }
}

impl<T: Send + 'static> Wake for Task<T> {
    fn wake(self: Arc<Self>) {
        if self.state.wake() {
            self.queue();
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.wake() {
            Arc::clone(self).queue();
        }
    }
}
