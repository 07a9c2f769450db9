//! Lesson 09: the reactor. One thread waits for every source that is registered, and
//! wakes the tasks that wait for one.
//!
//! Invariant: readiness is state. An event sets it, only somebody who has been refused
//! since may clear it, and a poll looks at it. So it does not matter which comes
//! first, the event or the poll.
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

mod background;
mod context;
mod handle;
mod reactor;
mod readiness;
mod registration;
mod scheduled_io;
mod slab;
mod switchboard;

pub use crate::background::Background;
pub use crate::context::Entered;
pub use crate::handle::Handle;
pub use crate::reactor::Reactor;
pub use crate::readiness::{Direction, Tick};
pub use crate::registration::Registration;
// The floor below, for what is built on this one: two copies of it in one program would
// be two different floors.
pub use futures_by_hand;
