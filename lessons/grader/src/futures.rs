//! Probes: each plays one side of the contract between futures and executors, and records what the
//! other side does.

pub(crate) mod future_probe;
mod race;
pub(crate) mod waker_probe;
pub(crate) mod when_cloned;
pub(crate) mod when_dropped;
