//! Lesson 10: the executor. It polls the tasks that were woken, one after the other, on the thread
//! that calls it.
//!
//! Invariant: executor, tasks and reactor know nothing of each other but `Waker` and `Schedule`. A
//! task is queued wherever its `Schedule` puts it, and this floor never sleeps: it rings the bell
//! that it was given.
#![forbid(unsafe_code)]

mod executor;
mod join_handle;
#[cfg(feature = "model")]
pub mod model;
mod outcome;
mod run_queue;
mod schedule;
mod state;
mod sync;
mod task;
mod tasks;

pub use crate::executor::{Executor, Spawner};
pub use crate::join_handle::JoinHandle;
pub use crate::outcome::JoinError;
pub use crate::schedule::{Runnable, Schedule};
pub use crate::state::{Next, State};
pub use crate::tasks::Tasks;
// The floors below, for whoever builds on this one: two copies of one of them in one program would
// be two different floors.
pub use reactor::{self, futures_by_hand};
