//! The context: which runtime the code on this thread spawns on, and sleeps by.
//!
//! There is none until somebody enters one, and `block_on` does.

use std::cell::RefCell;
use std::time::Duration;

use time::executor::JoinHandle;
use time::{Interval, Sleep, Timeout, reactor};

use crate::handle::Handle;

thread_local! {
    /// Of the innermost guard that is alive on this thread.
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A thread's stay in a runtime's context: from [`Handle::enter`] until it is dropped.
#[derive(Debug)]
#[must_use = "the context is left when this is dropped"]
pub struct Entered {
    /// The context around this one; taken by the drop.
    outer: Option<Handle>,
    /// The same for sockets. It belongs to the thread that has entered.
    _reactor: reactor::Entered,
}

impl Handle {
    /// The runtime whose context this thread is in.
    ///
    /// # Panics
    /// When it is in none.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        with_current(Clone::clone)
    }

    /// Enters the context of this runtime, until the guard is dropped: tasks, timers and sockets
    /// that are made on this thread are its own. Contexts nest; leave the inner one first.
    pub fn enter(&self) -> Entered {
        Entered {
            outer: CURRENT.replace(Some(self.clone())),
            _reactor: self.reactor().enter(),
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.outer.take());
    }
}

/// Does something with the runtime of this thread's context, in which no other is entered.
#[track_caller]
fn with_current<T>(f: impl FnOnce(&Handle) -> T) -> T {
    let done = CURRENT.with_borrow(|current| current.as_ref().map(f));
    done.expect(
        "there is no runtime on this thread: call this within `Runtime::block_on`, or after \
         `Handle::enter`",
    )
}

/// As [`Handle::spawn`], on the runtime of this thread's context.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    // A handle of its own: a future that comes too late is dropped, and that may enter another.
    Handle::current().spawn(future)
}

/// As [`Handle::sleep`], by the runtime of this thread's context.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn sleep(time: Duration) -> Sleep {
    with_current(|handle| handle.sleep(time))
}

/// As [`Handle::timeout`], by the runtime of this thread's context.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn timeout<F: Future>(time: Duration, future: F) -> Timeout<F> {
    with_current(|handle| handle.timeout(time, future))
}

/// As [`Handle::interval`], by the runtime of this thread's context.
///
/// # Panics
/// When there is none, and when the period is zero.
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    with_current(|handle| handle.interval(period))
}
