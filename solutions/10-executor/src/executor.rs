//! The executor: a queue of tasks that were woken, and a bell for whoever sleeps until there is
//! one.
//!
//! Invariant: a task that is woken on the thread that runs goes into the queue of that thread,
//! without a lock; one that is woken anywhere else into the shared queue, and whoever puts the
//! first one there rings the bell.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use crate::join_handle::JoinHandle;
use crate::run_queue;
use crate::schedule::{Runnable, Schedule};
use crate::tasks::Tasks;

/// Polls the tasks that were woken, in that order, on the thread that calls `run`. When it is
/// dropped, every task that has not ended is aborted.
///
/// tokio 1.54: `src/runtime/scheduler/current_thread/mod.rs`, `CurrentThread`
pub struct Executor {
    shared: Arc<Shared>,
    /// The tasks whose turn it is, while `run` does not run. Meanwhile the thread has them.
    queue: VecDeque<Runnable>,
}

/// Spawns tasks on an executor, from any thread. Clones spawn on the same one.
#[derive(Clone)]
pub struct Spawner {
    shared: Arc<Shared>,
}

/// What an executor, its spawners and its tasks share.
struct Shared {
    /// By which a thread knows whether it runs this executor. No two have the same.
    number: u64,
    /// Tasks that were woken elsewhere, and that `run` has not collected yet.
    woken: Mutex<VecDeque<Runnable>>,
    /// Rung after `woken` was empty and is no longer.
    bell: Waker,
    tasks: Tasks,
}

/// The number of the next executor.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

impl Executor {
    /// An executor without tasks. The bell is rung when a task is woken anywhere but in `run`,
    /// which then ought to be called. It is called without a lock, on the thread that wakes.
    #[must_use]
    pub fn new(bell: Waker) -> Self {
        let shared = Shared {
            number: NUMBERS.fetch_add(1, Ordering::SeqCst),
            woken: Mutex::default(),
            bell,
            tasks: Tasks::default(),
        };
        Self {
            shared: Arc::new(shared),
            queue: VecDeque::new(),
        }
    }

    /// What spawns tasks on this executor.
    #[must_use]
    pub fn spawner(&self) -> Spawner {
        Spawner {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Gives tasks that were woken their turn, at most `limit` of them; a task that wakes itself
    /// stands behind those that wait already. Returns how many had a turn.
    pub fn run(&mut self, limit: usize) -> usize {
        self.queue.append(&mut self.shared.woken());
        if self.queue.is_empty() {
            return 0;
        }
        let _here = run_queue::enter(self.shared.number, &mut self.queue);
        for ran in 0..limit {
            let Some(task) = run_queue::pop() else {
                return ran;
            };
            if let Some(again) = task.run() {
                run_queue::push(again);
            }
        }
        limit
    }

    /// Whether a task waits for its turn.
    #[must_use]
    pub fn has_ready(&self) -> bool {
        !self.queue.is_empty() || !self.shared.woken().is_empty()
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.shared.tasks.close();
        // They have ended; this lets go of them.
        self.queue.clear();
        let woken = mem::take(&mut *self.shared.woken());
        drop(woken);
    }
}

impl Spawner {
    /// Makes a task of a future. It is polled by the executor only, and not by this call. If the
    /// executor has gone, the task is aborted.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let to = Arc::clone(&self.shared);
        let (task, handle) = self.shared.tasks.spawn(future, to);
        if let Some(task) = task {
            match self.shared.here() {
                Some(push) => push(task),
                None => self.shared.schedule(task),
            }
        }
        handle
    }
}

impl Shared {
    fn woken(&self) -> MutexGuard<'_, VecDeque<Runnable>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Schedule for Shared {
    fn schedule(&self, task: Runnable) {
        let is_first = {
            let mut woken = self.woken();
            woken.push_back(task);
            woken.len() == 1
        };
        // The lock is free again. The first has rung for all.
        if is_first {
            self.bell.wake_by_ref();
        }
    }

    fn here(&self) -> Option<fn(Runnable)> {
        run_queue::is_of(self.number).then_some(run_queue::push)
    }

    fn ended(&self, key: usize) {
        self.tasks.ended(key);
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}
