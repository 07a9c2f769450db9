//! What becomes of a task, on its way from the task's last turn to whoever waits for it.
//!
//! Invariant: the lock is never held while a waker is called or cloned, or anything is dropped that
//! is not ours. All of that is somebody else's code, which may come back here.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Why a task has no output.
pub enum JoinError {
    /// It was aborted, or its executor has gone.
    Aborted,
    /// It has panicked, with this.
    Panicked(Box<dyn Any + Send>),
}

impl JoinError {
    /// Whether the task was aborted.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        matches!(self, Self::Aborted)
    }

    /// What the task has panicked with; `None` when it has not panicked.
    #[must_use]
    pub fn into_panic(self) -> Option<Box<dyn Any + Send>> {
        match self {
            Self::Aborted => None,
            Self::Panicked(with) => Some(with),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aborted => "Aborted",
            Self::Panicked(_) => "Panicked",
        })
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aborted => "the task was aborted",
            Self::Panicked(_) => "the task has panicked",
        })
    }
}

impl Error for JoinError {}

/// The place where a task leaves its outcome. Its join handle looks here.
pub(crate) struct Outcome<T>(Mutex<Stage<T>>);

enum Stage<T> {
    /// The task has not ended. When it does, this is whom to wake: the latest who asked.
    Pending(Option<Waker>),
    /// The task has ended, and nobody has asked since.
    Ended(Result<T, JoinError>),
    /// It was handed out, or the handle has gone and nobody will ever ask.
    Closed,
}

impl<T> Outcome<T> {
    pub(crate) fn pending() -> Self {
        Self(Mutex::new(Stage::Pending(None)))
    }

    /// Leaves the outcome, and wakes whoever waits for it. Where nobody will ask, it is dropped.
    pub(crate) fn leave(&self, result: Result<T, JoinError>) {
        let (waker, _unwanted) = {
            let mut stage = self.lock();
            match mem::replace(&mut *stage, Stage::Closed) {
                Stage::Pending(waker) => {
                    *stage = Stage::Ended(result);
                    (waker, None)
                }
                _ => (None, Some(result)),
            }
        };
        // The lock is free again.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Hands the outcome out, or leaves the waker if there is none yet: both under one lock.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, JoinError>> {
        // Cloned before the lock is taken; the one that it replaces is dropped
        // when the lock is free again.
        let waker = cx.waker().clone();
        let _replaced = {
            let mut stage = self.lock();
            match mem::replace(&mut *stage, Stage::Closed) {
                Stage::Pending(earlier) => {
                    *stage = Stage::Pending(Some(waker));
                    earlier
                }
                Stage::Ended(result) => return Poll::Ready(result),
                Stage::Closed => panic!("a join handle was polled again after it was ready"),
            }
        };
        Poll::Pending
    }

    /// Tells that nobody will ask any more.
    pub(crate) fn close(&self) {
        let unwanted = mem::replace(&mut *self.lock(), Stage::Closed);
        drop(unwanted);
    }

    fn lock(&self) -> MutexGuard<'_, Stage<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
