//! Lesson 09 built differently: readiness is one atomic word with one tick for both directions, so
//! that a poll leaves its waker and then looks again; and each event of a batch locks for itself.
#![forbid(unsafe_code)]

mod context;
mod reactor;
mod registration;
mod slab;
mod word;

pub use context::{Entered, Handle};
pub use futures_by_hand;
pub use reactor::{Background, Reactor};
pub use registration::{Direction, Registration, Tick};
