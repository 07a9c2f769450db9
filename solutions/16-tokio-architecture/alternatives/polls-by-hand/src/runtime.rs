//! Runtimes, with one driver after the other.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// Who polls the tasks.
#[derive(Clone, Copy)]
pub(crate) enum Flavor {
    /// The thread in `block_on`.
    Current,
    /// Threads of the runtime's own.
    Multi { workers: usize },
}

/// What a runtime can wait for.
#[derive(Clone, Copy)]
pub(crate) struct Drivers {
    /// Sockets.
    pub(crate) io: bool,
    /// Deadlines.
    pub(crate) time: bool,
}

/// Both.
pub(crate) const ALL_DRIVERS: Drivers = Drivers {
    io: true,
    time: true,
};

/// Builds what is asked for.
pub(crate) fn build(flavor: Flavor, drivers: Drivers) -> io::Result<Runtime> {
    let mut builder = match flavor {
        Flavor::Current => Builder::new_current_thread(),
        Flavor::Multi { .. } => Builder::new_multi_thread(),
    };
    if let Flavor::Multi { workers } = flavor {
        builder.worker_threads(workers).thread_name("worker");
    }
    if drivers.time {
        builder.enable_time();
    }
    if drivers.io {
        builder.enable_io();
    }
    builder.build()
}
