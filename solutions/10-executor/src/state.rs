//! Where a task stands: whether it is queued, whether it has its turn, and whether it is to end.
//!
//! Invariant: a task stands in a queue at most once, and one thread at a time has its turn. A wake
//! that comes while it is polled is remembered until that poll is over.
//!
//! Atomics come from `super::sync`, never from `std` directly: a model puts its own there.

use super::sync::atomic::AtomicU8;
use super::sync::atomic::Ordering::SeqCst;

/// It is in a queue, or goes back there after the poll that runs now. Set by a wake and by an
/// abort, cleared when its turn begins.
const QUEUED: u8 = 1;
/// It has its turn, or had its last. Set when a turn begins, cleared when that has not ended the
/// task: of a task that has ended it stays set, so no wake ever queues it again.
const RUNNING: u8 = 2;
/// Its future is to be dropped, and not to be polled any more. Set by an abort.
const ABORTED: u8 = 4;

/// The state of one task.
#[derive(Debug)]
pub struct State(AtomicU8);

/// What is to be done with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// To poll it: now, if this is the beginning of a turn; if it is the end, in another.
    Poll,
    /// To drop its future. It is aborted, and whoever reads this is the only one to do it.
    End,
    /// Nothing. A wake will come, or it has ended.
    Nothing,
}

impl State {
    /// The state of a new task, which is queued.
    #[must_use]
    pub fn queued() -> Self {
        Self(AtomicU8::new(QUEUED))
    }

    /// Wakes it, and returns whether the caller has to queue it.
    pub fn wake(&self) -> bool {
        self.set(QUEUED)
    }

    /// Has it end at its next turn, and returns whether the caller has to queue it.
    pub fn abort(&self) -> bool {
        self.set(QUEUED | ABORTED)
    }

    /// Has it end without another turn, and returns whether the caller has to end it. If not,
    /// it has ended, or the turn that it has now ends it.
    pub fn close(&self) -> bool {
        self.0.fetch_or(ABORTED | RUNNING, SeqCst) & RUNNING == 0
    }

    /// Begins a turn.
    pub fn begin(&self) -> Next {
        // A wake that comes from now on sets its bit on top: it may be about something that the
        // poll no longer sees.
        match self.0.swap(RUNNING, SeqCst) {
            before if before & RUNNING != 0 => Next::Nothing,
            before if before & ABORTED != 0 => Next::End,
            _ => Next::Poll,
        }
    }

    /// Gives the turn back after a poll that was pending.
    pub fn pause(&self) -> Next {
        let unless_aborted = |state| (state & ABORTED == 0).then_some(state & !RUNNING);
        match self.0.fetch_update(SeqCst, SeqCst, unless_aborted) {
            Ok(before) if before & QUEUED != 0 => Next::Poll,
            Ok(_) => Next::Nothing,
            Err(_) => Next::End,
        }
    }

    /// Sets bits, and returns whether that has to be followed by queueing. If the task
    /// is queued already, or has its turn, others see to that.
    fn set(&self, bits: u8) -> bool {
        self.0.fetch_or(bits, SeqCst) & (QUEUED | RUNNING) == 0
    }
}
