//! The list of the living: every task that was spawned and has not ended.
//!
//! Invariant: the lock is never held while a task is ended, since that drops its future.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::join_handle::JoinHandle;
use crate::schedule::{Run, Runnable, Schedule};
use crate::task::Task;

/// Every task of an executor that has not ended. It is what keeps alive a task that waits, and what
/// finds it when the executor goes.
///
/// tokio 1.54: `src/runtime/task/list.rs`, `OwnedTasks`
#[derive(Default)]
pub struct Tasks {
    living: Mutex<Living>,
}

#[derive(Default)]
struct Living {
    /// The tasks, each in the place that is its key; `None` where one has ended.
    places: Vec<Option<Arc<dyn Run>>>,
    /// The places that are `None`.
    free: Vec<usize>,
    /// Whether no more tasks are taken. Set once.
    closed: bool,
}

impl Tasks {
    /// Makes a task of a future, whose wakes go to `to`. The runnable is its first turn, and has to
    /// be queued; `None` when this is closed, and then the task is aborted already.
    pub fn spawn<F>(
        &self,
        future: F,
        to: Arc<dyn Schedule>,
    ) -> (Option<Runnable>, JoinHandle<F::Output>)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let mut living = self.lock();
        let key = living.free.pop().unwrap_or(living.places.len());
        let task = Task::new(future, key, to);
        let handle = JoinHandle::new(Arc::clone(&task));
        if living.closed {
            drop(living);
            task.close();
            return (None, handle);
        }
        let living_task: Option<Arc<dyn Run>> = Some(Arc::clone(&task) as _);
        match living.places.get_mut(key) {
            Some(place) => *place = living_task,
            None => living.places.push(living_task),
        }
        (Some(Runnable(task)), handle)
    }

    /// Forgets the task with this key, which has ended.
    pub fn ended(&self, key: usize) {
        let _task = {
            let mut living = self.lock();
            // There is none when all were closed.
            let task = living.places.get_mut(key).and_then(Option::take);
            if task.is_some() {
                living.free.push(key);
            }
            task
        };
    }

    /// Takes no more tasks, and ends those that there are. One that has its turn on another thread
    /// ends with it.
    pub fn close(&self) {
        let places = {
            let mut living = self.lock();
            living.closed = true;
            living.free.clear();
            mem::take(&mut living.places)
        };
        places.iter().flatten().for_each(|task| task.close());
    }

    fn lock(&self) -> MutexGuard<'_, Living> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
