//! The handle: what everybody but the thread in `turn` knows of a reactor.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::task::{Wake, Waker};

use mio::Registry;

use crate::switchboard::{BELL, Switchboard};

/// A reactor, to those who register with it, ring for it, or end it. Clones are
/// handles of the same reactor.
///
/// tokio 1.54: `src/runtime/io/driver.rs`, `Handle`
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

/// What a reactor and its handles share.
struct Shared {
    /// The way to `epoll_ctl`. It needs no lock, and no turn to come to an end.
    registry: Registry,
    /// Ends a sleep in `epoll_wait`.
    bell: mio::Waker,
    switchboard: Switchboard,
}

impl Handle {
    /// The handle of a new reactor, with a bell.
    pub(crate) fn new(registry: &Registry) -> io::Result<Self> {
        let shared = Shared {
            registry: registry.try_clone()?,
            bell: mio::Waker::new(registry, BELL)?,
            switchboard: Switchboard::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Ends the turn that sleeps now, or else the next one. From any thread, at any
    /// time, any number of times.
    pub fn unpark(&self) {
        self.shared.ring();
    }

    /// A waker that unparks, for an executor whose thread sleeps in `turn`.
    #[must_use]
    pub fn bell(&self) -> Waker {
        Waker::from(Arc::clone(&self.shared))
    }

    /// Ends the reactor: every poll errs from now on, even where something is ready, and nothing
    /// can be registered any more. Then every task that waits is woken to be told so: it is over
    /// before anybody is woken. The turn that sleeps comes back or errs, and every later one errs.
    pub fn shutdown(&self) {
        // end every source there is and every one that may still come, then wake who waits
        self.unpark();
    }

    /// Where to tell the kernel of a source.
    pub(crate) fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// Which token means which source.
    pub(crate) fn switchboard(&self) -> &Switchboard {
        &self.shared.switchboard
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Shared {
    fn ring(&self) {
        // It fails when the kernel has no memory for eight bytes. Nobody who rings
        // could do anything about it.
        let _ = self.bell.wake();
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

/// What a poll, a turn or a registration returns once the reactor has ended.
pub(crate) fn shut_down() -> io::Error {
    io::Error::other("the reactor has been shut down")
}
