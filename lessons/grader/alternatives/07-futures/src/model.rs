//! The parker once more: the same file, with locks, atomics and threads that a model provides. The last check tries every
//! order in which two threads can go through it.

#[expect(
    clippy::duplicate_mod,
    reason = "the same file on other locks is the point"
)]
#[path = "parker.rs"]
mod parker;

#[allow(unused_imports, reason = "no parker needs all of it")]
mod sync {
    pub(crate) use grader::model::sync::{Condvar, Mutex, PoisonError, atomic, thread};
}

pub use parker::Parker;

/// The file that the model tries, as text: what it takes from `std` itself, the model cannot see.
pub const SOURCE: &str = include_str!("parker.rs");
