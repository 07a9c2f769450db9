//! Lesson 13: the runtime. One thread polls tasks, fires timers and waits for sockets, and sleeps
//! when there is nothing else to do.
//!
//! Invariant: before the thread sleeps it says so, and then looks once more. So whoever brings
//! something for it to do either is seen, or sees that it sleeps and ends the sleep.
#![forbid(unsafe_code)]

mod asleep;
mod bell;
mod closing;
mod context;
mod handle;
mod main_future;
#[cfg(feature = "model")]
pub mod model;
mod runtime;
mod spin;
mod sync;

pub use crate::asleep::Asleep;
pub use crate::closing::{Begun, Closing};
pub use crate::context::{Entered, interval, sleep, spawn, timeout};
pub use crate::handle::Handle;
pub use crate::runtime::Runtime;
// The floors below, for whoever builds on this one: two copies of one of them in one program would
// be two different floors.
pub use time::{self, executor, futures_by_hand, net, reactor};
