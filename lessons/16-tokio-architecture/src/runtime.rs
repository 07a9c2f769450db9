//! Runtimes: a scheduler of one flavor, and below it the drivers that it is given.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// Who polls the tasks.
#[derive(Clone, Copy)]
pub(crate) enum Flavor {
    /// The thread that calls `block_on`, and nobody else.
    Current,
    /// This many threads of the runtime's own, beside the one that calls `block_on`.
    Multi { workers: usize },
}

/// What a runtime can wait for, besides the wakes of its tasks.
#[derive(Clone, Copy)]
pub(crate) struct Drivers {
    /// Sockets: it has an epoll instance.
    pub(crate) io: bool,
    /// Deadlines: it has a wheel of timers.
    pub(crate) time: bool,
}

/// What nearly every runtime has.
pub(crate) const ALL_DRIVERS: Drivers = Drivers {
    io: true,
    time: true,
};

/// Builds a runtime of this flavor, with these drivers and no other.
///
/// # Errors
/// When the kernel gives no epoll instance, or no thread.
pub(crate) fn build(flavor: Flavor, drivers: Drivers) -> io::Result<Runtime> {
    todo!("build what is asked for, and nothing that is not")
}
