//! The loop: tasks, timers, sockets; and sleep where there is nothing to do.
//!
//! Invariant: whatever wakes a task, the loop sees it before it sleeps, or is woken.

use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use time::Timers;
use time::executor::Executor;
use time::reactor::Reactor;

use crate::bell::Bell;
use crate::handle::Handle;
use crate::main_future::MainWaker;
use crate::spin::Spin;

/// How many tasks have their turn between two looks at timers and sockets.
const TASKS: usize = 256;

/// Runs futures, with timers and sockets, on the thread that calls it.
///
/// When it is dropped, every task that has not ended is aborted.
///
/// tokio 1.54: `src/runtime/scheduler/current_thread/mod.rs`, `CurrentThread`
pub struct Runtime {
    /// First, so that tasks are dropped while there is still a reactor that knows their sockets.
    executor: Executor,
    reactor: Reactor,
    bell: Arc<Bell>,
    handle: Handle,
    spin: Spin,
}

impl Runtime {
    /// A runtime without tasks.
    ///
    /// # Errors
    /// When the kernel has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let reactor = Reactor::new()?;
        let bell = Arc::new(Bell::new(reactor.handle()));
        let executor = Executor::new(Waker::from(Arc::clone(&bell)));
        let timers = Timers::new(Waker::from(Arc::clone(&bell)));
        let handle = Handle::new(executor.spawner(), timers, reactor.handle());
        Ok(Self {
            executor,
            reactor,
            bell,
            handle,
            spin: Spin::new(Duration::ZERO),
        })
    }

    /// Has the thread look again and again for so long before it sleeps. That shortens the way
    /// of a message by the time that it takes to wake a thread, and costs up to this much
    /// processor time each time that there is nothing to do. It is off by default.
    #[must_use]
    pub fn spin(mut self, at_most: Duration) -> Self {
        self.spin = Spin::new(at_most);
        self
    }

    /// A handle, for everybody else.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs a future to its end, and tasks as long as that takes. Tasks that have not ended by then
    /// go on in the next call.
    ///
    /// # Panics
    /// When waiting for events fails, which it does once somebody has shut the reactor down.
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        let _entered = self.handle.enter();
        let _driving = self.bell.drive();
        let main = Arc::new(MainWaker::woken(Arc::clone(&self.bell)));
        let waker = Waker::from(Arc::clone(&main));
        let mut cx = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            let is_woken = main.take();
            if is_woken && let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            let ran = self.executor.run(TASKS);
            let spins = self.spin.goes_on(is_woken || ran > 0);
            self.wait(&main, spins);
        }
    }

    /// Fires what is due, then waits for sockets: until something happens, until the next deadline,
    /// or not at all where there is something to do.
    fn wait(&mut self, main: &MainWaker, spins: bool) {
        // The order of these lines is what matters. From here on, whoever brings something rings:
        // a task, a wake, or a timer that is earlier than the next.
        self.bell.asleep().begin();
        // This may wake tasks, so it comes before the look at them.
        let next = self.handle.timers().fire();
        let is_busy = spins || main.is_woken() || self.executor.has_ready();
        let at_most = if is_busy { Some(Duration::ZERO) } else { next };
        let turned = self.reactor.turn(at_most);
        self.bell.asleep().end();
        turned.expect("the reactor turns until it is shut down");
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // Tasks are dropped in the context that they were polled in: they may spawn and sleep, and
        // nothing comes of it.
        let _entered = self.handle.enter();
        self.executor = Executor::new(Waker::noop().clone());
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}
