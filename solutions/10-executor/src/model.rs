//! The state of a task once more: the same file, with atomics that a model provides. It tries every
//! order in which threads can wake, poll and abort one task.

#[expect(
    clippy::duplicate_mod,
    reason = "the same file on other atomics is the point"
)]
#[path = "state.rs"]
mod state;

mod sync {
    pub(crate) use grader::model::sync::atomic;
}

pub use state::{Next, State};
