//! The sleep of the loop once more: the same file, with atomics that a model provides. It tries
//! every order in which a thread can look and sleep while others bring it something.

#[expect(
    clippy::duplicate_mod,
    reason = "the same file on other atomics is the point"
)]
#[path = "asleep.rs"]
mod asleep;

mod sync {
    pub(crate) use grader::model::sync::atomic;
}

pub use asleep::Asleep;
