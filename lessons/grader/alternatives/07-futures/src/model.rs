//! The parker once more, on what a model of threads provides.

#[expect(
    clippy::duplicate_mod,
    reason = "the same file on other locks is the point"
)]
#[path = "parker.rs"]
mod parker;

mod sync {
    pub(crate) use grader::model::sync::{Condvar, Mutex, atomic};
}

pub use parker::Parker;
