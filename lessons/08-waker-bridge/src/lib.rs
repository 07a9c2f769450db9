//! Lesson 08: the bridge between an event of the kernel and a future that wants to read.
//!
//! Invariant: bytes are read in [`ReadSome::poll`](ReadSome) and nowhere else. [`Bridge::turn`]
//! wakes whoever waits for them, and [`run`] polls whoever was woken.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_variables,
    unused_imports,
    unused_mut,
    unreachable_code,
    clippy::diverging_sub_expression,
    reason = "a stub: delete this attribute when you begin"
)]

mod bridge;
mod log;
mod read_some;
mod run;
mod slot;

pub use crate::bridge::Bridge;
pub use crate::log::{Step, log};
pub use crate::read_some::{ReadSome, Reader};
pub use crate::run::run;
