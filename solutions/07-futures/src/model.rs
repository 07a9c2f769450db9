//! The parker once more: the same file, with locks that a model of threads provides. The last check tries every order
//! in which two threads can go through it.

#[expect(
    clippy::duplicate_mod,
    reason = "the same file on other locks is the point"
)]
#[path = "parker.rs"]
mod parker;

mod sync {
    pub(crate) use grader::model::sync::{Condvar, Mutex, PoisonError};
}

pub use parker::Parker;
