//! Lesson 08 built differently: a read that is given up takes its waker out of the slot, and the
//! program reads a byte at a time.
//!
//! Invariant: the slot holds a waker only while a read is alive that is pending.
#![forbid(unsafe_code)]

mod bridge;
mod read_some;
mod run;

pub use bridge::Bridge;
pub use read_some::{ReadSome, Reader};
pub use run::run;
