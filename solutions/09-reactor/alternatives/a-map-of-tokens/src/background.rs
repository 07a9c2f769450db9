//! The background: a thread that does nothing but turn.

use std::io;
use std::thread::{self, JoinHandle};

use crate::handle::Handle;
use crate::reactor::Reactor;

/// A reactor on a thread of its own. When this is dropped, the reactor is shut
/// down and the thread ends.
#[derive(Debug)]
pub struct Background {
    handle: Handle,
    /// Taken when it is joined, by the drop.
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start(mut reactor: Reactor) -> io::Result<Self> {
        let handle = reactor.handle();
        // A turn that errs is the last one. Then the reactor is dropped, and
        // whoever waits for it is told.
        let turns = move || while reactor.turn(None).is_ok() {};
        let thread = thread::Builder::new().name("reactor".into()).spawn(turns)?;
        Ok(Self {
            handle,
            thread: Some(thread),
        })
    }

    /// A handle of the reactor.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.handle.shutdown();
        // A waker may own this, and then this is the thread itself: it cannot wait for its own end.
        let others = |thread: &JoinHandle<()>| thread.thread().id() != thread::current().id();
        if let Some(thread) = self.thread.take().filter(others) {
            // Its panic was told when it happened.
            let _ = thread.join();
        }
    }
}
