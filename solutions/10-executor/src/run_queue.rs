//! The run queue of a thread: that of the executor which runs on it.
//!
//! Invariant: no task runs while the queue is borrowed. So a task may wake and spawn others.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;

use crate::schedule::Runnable;

thread_local! {
    /// Of the innermost executor, if a task of one runs another; `None` where none runs.
    static HERE: RefCell<Option<RunQueue>> = const { RefCell::new(None) };
}

struct RunQueue {
    /// Whose it is: the executor's number.
    executor: u64,
    tasks: VecDeque<Runnable>,
}

/// Whether it is this executor that runs on this thread.
pub(crate) fn is_of(executor: u64) -> bool {
    // A thread at its very end has no thread-locals any more, and runs nothing.
    HERE.try_with(|here| {
        let here = here.borrow();
        here.as_ref().is_some_and(|here| here.executor == executor)
    })
    .unwrap_or(false)
}

/// Takes the first task out of the queue of this thread.
pub(crate) fn pop() -> Option<Runnable> {
    HERE.with_borrow_mut(|here| here.as_mut()?.tasks.pop_front())
}

/// Puts a task at the end of the queue of this thread.
///
/// # Panics
/// When no executor runs here: see [`is_of`].
pub(crate) fn push(task: Runnable) {
    HERE.with_borrow_mut(|here| {
        let here = here.as_mut().expect("an executor runs on this thread");
        here.tasks.push_back(task);
    });
}

/// Makes `tasks` the queue of this thread, until the guard is dropped. Then the executor has back
/// what is left of them, and the executor around this one has the thread; after a panic as well.
pub(crate) fn enter(executor: u64, tasks: &mut VecDeque<Runnable>) -> Entered<'_> {
    let inner = RunQueue {
        executor,
        tasks: mem::take(tasks),
    };
    Entered {
        outer: HERE.replace(Some(inner)),
        tasks,
    }
}

/// An executor's stay on this thread.
#[must_use = "the executor leaves the thread when this is dropped"]
pub(crate) struct Entered<'a> {
    /// The run queue around this one; taken by the drop.
    outer: Option<RunQueue>,
    /// Where the tasks go back to.
    tasks: &'a mut VecDeque<Runnable>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if let Some(inner) = HERE.replace(self.outer.take()) {
            *self.tasks = inner.tasks;
        }
    }
}
