//! Lesson 12, built otherwise: four rings of 256 slots, each a vector, and a sorted map for what is
//! further away than they reach.
#![forbid(unsafe_code)]

mod block_on;
mod entries;
mod interval;
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
// The floors below: two copies of one of them in one program would be two different floors.
pub use net::{self, executor, futures_by_hand, reactor};
