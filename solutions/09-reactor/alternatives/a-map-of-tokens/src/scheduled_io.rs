//! What the reactor and a registration share: what is known of one source, and who waits for it.
//!
//! Invariant: the lock is never held while a waker is called, cloned or dropped. All three are
//! somebody else's code, which may come back here.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use mio::event::Event;

use crate::handle;
use crate::readiness::{Direction, Tick};

/// The shared state of one source. Two hold it: the registration, and the switchboard, until it is
/// told that the registration has gone; and for a moment the event that is being dispatched.
#[derive(Debug, Default)]
pub(crate) struct ScheduledIo {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the reactor has ended. Set once; from then on every poll errs.
    shut_down: bool,
    read: Side,
    write: Side,
}

/// What is known of one direction.
#[derive(Debug, Default)]
struct Side {
    /// Whether it is worth a try. Set by an event; cleared by whoever tried and was refused.
    ready: bool,
    /// Whether it has come to its end. Set by an event, never cleared: no event will
    /// ever come to set it again.
    closed: bool,
    /// How many events there were. Counted by events only; a clear that shows an
    /// older number is too late.
    tick: u64,
    /// Whom to wake: the waker of the latest poll that was pending. Taken by the event.
    waker: Option<Waker>,
}

impl ScheduledIo {
    /// Remembers what an event says, then wakes whoever waited for that.
    pub(crate) fn dispatch(&self, event: &Event) {
        // An error is told to whoever asks next, in whatever direction.
        let error = event.is_error();
        let wakers = {
            let mut state = self.lock();
            [
                state
                    .read
                    .happen(event.is_readable() || error, event.is_read_closed()),
                state
                    .write
                    .happen(event.is_writable() || error, event.is_write_closed()),
            ]
        };
        // The lock is free again.
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Looks to see whether the direction is ready, and leaves the waker if it is not: both under
    /// one lock, so no event comes between.
    pub(crate) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
    ) -> Poll<io::Result<Tick>> {
        // Cloned before the lock is taken; the one that it replaces is dropped
        // when the lock is free again.
        let waker = cx.waker().clone();
        let _replaced = {
            let mut state = self.lock();
            if state.shut_down {
                return Poll::Ready(Err(handle::shut_down()));
            }
            let side = state.side(direction);
            if side.ready || side.closed {
                let number = side.tick;
                return Poll::Ready(Ok(Tick { direction, number }));
            }
            side.waker.replace(waker)
        };
        Poll::Pending
    }

    /// Forgets that the direction was ready, unless an event has come since it was seen to be.
    pub(crate) fn clear(&self, tick: Tick) {
        let mut state = self.lock();
        let side = state.side(tick.direction);
        if side.tick == tick.number {
            side.ready = false;
        }
    }

    /// Makes every poll err from now on, and hands out whom to wake to be told so.
    pub(crate) fn shut_down(&self) -> [Option<Waker>; 2] {
        let mut state = self.lock();
        state.shut_down = true;
        [state.read.waker.take(), state.write.waker.take()]
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Read => &mut self.read,
            Direction::Write => &mut self.write,
        }
    }
}

impl Side {
    /// Remembers an event, if it is one for this direction, and hands out whom to wake for it.
    fn happen(&mut self, ready: bool, closed: bool) -> Option<Waker> {
        if !ready && !closed {
            return None;
        }
        self.ready = true;
        self.closed |= closed;
        self.tick += 1;
        self.waker.take()
    }
}
