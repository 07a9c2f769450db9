//! Lesson 08 built differently: the waker is stored before the read, a poll reads until the socket
//! refuses, and a turn goes on after an interruption.
#![forbid(unsafe_code)]

mod executor;
mod reader;
mod waiter;

pub use executor::run;
pub use reader::{ReadSome, Reader};
pub use waiter::Bridge;
