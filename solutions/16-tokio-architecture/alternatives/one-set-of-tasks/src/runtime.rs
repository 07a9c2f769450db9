//! Runtimes, by one of two builders.

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
    match flavor {
        Flavor::Current => with(&mut Builder::new_current_thread(), drivers),
        Flavor::Multi { workers } => {
            with(Builder::new_multi_thread().worker_threads(workers), drivers)
        }
    }
}

fn with(builder: &mut Builder, drivers: Drivers) -> io::Result<Runtime> {
    match drivers {
        Drivers {
            io: true,
            time: true,
        } => builder.enable_all(),
        Drivers {
            io: true,
            time: false,
        } => builder.enable_io(),
        Drivers {
            io: false,
            time: true,
        } => builder.enable_time(),
        Drivers {
            io: false,
            time: false,
        } => builder,
    }
    .build()
}
