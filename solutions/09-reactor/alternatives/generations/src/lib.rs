//! Lesson 09 built differently: readiness is one atomic word with one tick for both directions,
//! tokens are a place and a generation, the wakers of a batch are called together at its end, and
//! the background has a time-out.
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
