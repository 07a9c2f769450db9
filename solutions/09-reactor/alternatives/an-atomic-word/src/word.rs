//! One source: its readiness in one word, and the two who wait for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Waker;

use mio::event::Event;

use crate::registration::Direction;

/// Bits of the word: ready and closed, for reading and, two further up, for writing.
const READY: u64 = 0b01;
const CLOSED: u64 = 0b10;
/// Set at the end, for good.
pub(crate) const SHUT: u64 = 1 << 7;
/// The tick stands above all flags.
const ONE_TICK: u64 = 1 << 8;

#[derive(Debug, Default)]
pub(crate) struct Word {
    /// Flags, and how many events there were, for either direction.
    bits: AtomicU64,
    wakers: [Mutex<Option<Waker>>; 2],
}

fn shift(direction: Direction) -> u32 {
    match direction {
        Direction::Read => 0,
        Direction::Write => 2,
    }
}

impl Word {
    pub(crate) fn load(&self) -> u64 {
        self.bits.load(Ordering::SeqCst)
    }

    pub(crate) fn is_ready(bits: u64, direction: Direction) -> bool {
        bits >> shift(direction) & (READY | CLOSED) != 0
    }

    pub(crate) fn tick(bits: u64) -> u64 {
        bits / ONE_TICK
    }

    /// Notes an event; whom to wake goes to `wakers`.
    pub(crate) fn note(&self, event: &Event, wakers: &mut Vec<Waker>) {
        let flag = |set: bool, bit: u64| if set { bit } else { 0 };
        let error = event.is_error();
        let read = flag(event.is_readable() || error, READY) | flag(event.is_read_closed(), CLOSED);
        let write =
            flag(event.is_writable() || error, READY) | flag(event.is_write_closed(), CLOSED);
        self.change(|bits| (bits | read | write << 2) + ONE_TICK);
        for (direction, set) in [(Direction::Read, read), (Direction::Write, write)] {
            if set != 0 {
                wakers.extend(self.leave(direction, None));
            }
        }
    }

    pub(crate) fn clear(&self, direction: Direction, tick: u64) {
        self.change(|bits| match Self::tick(bits) == tick {
            true => bits & !(READY << shift(direction)),
            false => bits,
        });
    }

    pub(crate) fn shut(&self) -> impl Iterator<Item = Waker> {
        self.change(|bits| bits | SHUT);
        [Direction::Write, Direction::Read]
            .map(|direction| self.leave(direction, None))
            .into_iter()
            .flatten()
    }

    /// Puts a waker in the place of another, which is handed out.
    pub(crate) fn leave(&self, direction: Direction, waker: Option<Waker>) -> Option<Waker> {
        let place = &self.wakers[shift(direction) as usize / 2];
        std::mem::replace(
            &mut *place.lock().unwrap_or_else(PoisonError::into_inner),
            waker,
        )
    }

    fn change(&self, change: impl Fn(u64) -> u64) {
        let changed = |bits| Some(change(bits));
        let _ = self
            .bits
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, changed);
    }
}
