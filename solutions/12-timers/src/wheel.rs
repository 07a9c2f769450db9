//! The wheel: every timer stands in the list of a slot, and time goes from slot to slot.
//!
//! Invariant: an entry stands in the slot that `slot_of` gave when now was last somewhere that
//! matters to it: when it was set, or when its slot began and it was moved to a lower ring.

use crate::entries::{Entries, Key, Link};
use crate::rings::{self, Occupied, slot_of};

/// Timers, each with a value to be handed out when it is due. All times are in milliseconds, since
/// whenever the owner likes to count from.
///
/// To set a timer and to cancel one takes the same few steps however many there are. To go on takes
/// steps for the slots that are occupied and for the timers in them, never for the milliseconds.
///
/// tokio 1.54: `src/runtime/time/wheel/mod.rs`, `Wheel`
#[derive(Debug)]
pub struct Wheel<T> {
    /// How far time has come. It never goes back.
    now: u64,
    // yours: where the timers of a slot are found, and which slots have any
    /// The first entry of each slot.
    slots: [Link; rings::ALL],
    /// Which slots have a first entry.
    occupied: Occupied,
    // end
    entries: Entries<T>,
}

impl<T> Wheel<T> {
    /// A wheel without timers, at time 0.
    #[must_use]
    pub fn new() -> Self {
        // todo: an empty wheel at time 0
        Self {
            now: 0,
            slots: [None; rings::ALL],
            occupied: Occupied::default(),
            entries: Entries::new(),
        }
        // end
    }

    /// How far time has come.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Sets a timer. One whose deadline has passed is due with the next `advance`, even if that
    /// goes nowhere.
    pub fn insert(&mut self, at_ms: u64, value: T) -> Key {
        // todo: add an entry, and put it into the list of its slot
        let key = self.entries.add(at_ms, value);
        self.link(key.place);
        key
        // end
    }

    /// The value of a timer that is still set.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.entries.value_mut(key)
    }

    /// Cancels a timer and returns its value, unless it was due or cancelled before.
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        // todo: take the entry out of its list, wherever it stands there
        self.get_mut(key)?;
        self.unlink(key.place);
        self.entries.remove(key.place)
        // end
    }

    /// When to `advance` next: never later than the next deadline, and not earlier than now. It may
    /// be earlier than any deadline, when far timers have to move to a lower ring; that happens to
    /// a timer at most once for each ring above the lowest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        // todo: the time at which the next occupied slot begins
        let (_slot, at_ms) = self.occupied.next(self.now)?;
        Some(at_ms)
        // end
    }

    /// Lets time go on, and adds the values of all timers that are due, in the order of their
    /// deadlines.
    pub fn advance(&mut self, to_ms: u64, due: &mut Vec<T>) {
        // todo: go from occupied slot to occupied slot; who is due, and who moves down?
        while let Some((slot, begins)) = self.occupied.next(self.now)
            && begins <= to_ms.max(self.now)
        {
            self.now = begins;
            let mut next = self.slots[slot].take();
            self.occupied.clear(slot);
            while let Some(place) = next {
                let entry = &self.entries[place];
                next = entry.after;
                if entry.at_ms <= self.now {
                    due.extend(self.entries.remove(place));
                } else {
                    self.link(place);
                }
            }
        }
        self.now = self.now.max(to_ms);
        // end
    }

    // yours: how an entry gets into the list of its slot, and out of it
    /// Puts an entry into the list of its slot, in front.
    fn link(&mut self, place: u32) {
        let slot = slot_of(self.entries[place].at_ms, self.now);
        let after = self.slots[slot].replace(place);
        self.occupied.set(slot);
        if let Some(after) = after {
            self.entries[after].before = Some(place);
        }
        let entry = &mut self.entries[place];
        (entry.slot, entry.before, entry.after) = (slot, None, after);
    }

    /// Takes an entry out of the list of its slot.
    fn unlink(&mut self, place: u32) {
        let entry = &self.entries[place];
        let (slot, before, after) = (entry.slot, entry.before, entry.after);
        if let Some(after) = after {
            self.entries[after].before = before;
        }
        match before {
            Some(before) => self.entries[before].after = after,
            None => self.slots[slot] = after,
        }
        if self.slots[slot].is_none() {
            self.occupied.clear(slot);
        }
    }
    // end
}

impl<T> Default for Wheel<T> {
    fn default() -> Self {
        Self::new()
    }
}
