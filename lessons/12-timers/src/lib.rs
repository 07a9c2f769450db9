//! Lesson 12: timers. A million of them can be set, and one sleep at a time is asked of the
//! system: until the next of them.
//!
//! Invariant: a timer never fires early, and it fires with the first look at the clock after its
//! deadline. The wheel does not know what time it is: it is told.
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

mod block_on;
mod entries;
mod interval;
mod rings;
mod sleep;
mod timeout;
mod timers;
mod wheel;

pub use crate::block_on::block_on;
pub use crate::entries::Key;
pub use crate::interval::{Interval, Missed};
pub use crate::sleep::Sleep;
pub use crate::timeout::{Elapsed, Timeout};
pub use crate::timers::Timers;
pub use crate::wheel::Wheel;
// The floors below, for whoever builds on this one: two copies of one of them in one program would
// be two different floors.
pub use net::{self, executor, futures_by_hand, reactor};
