//! Probes: each plays one side of the contract between futures and executors, and remembers what the other did.

pub(crate) mod future_probe;
pub(crate) mod waker_probe;
pub(crate) mod when_cloned;
