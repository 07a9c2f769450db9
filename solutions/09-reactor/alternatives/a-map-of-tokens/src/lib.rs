//! Lesson 09, built differently: tokens are counted up and looked up in a map, each event locks for
//! itself and wakes at once, and a poll clones its waker before it looks.
//!
//! Invariant: readiness is state. An event sets it, only somebody who has been refused
//! since may clear it, and a poll looks at it. So it does not matter which comes
//! first, the event or the poll.
#![forbid(unsafe_code)]

mod background;
mod context;
mod handle;
mod reactor;
mod readiness;
mod registration;
mod scheduled_io;
mod switchboard;

pub use crate::background::Background;
pub use crate::context::Entered;
pub use crate::handle::Handle;
pub use crate::reactor::Reactor;
pub use crate::readiness::{Direction, Tick};
pub use crate::registration::Registration;
// The floor below, for whoever builds on this one: two copies of it in one program would
// be two different floors.
pub use futures_by_hand;
