//! The wheel: a timer stands in the vector of a slot, and is found there by its index.
//!
//! Invariant: what stands in a ring has the digits of now in all rings above. What does not is in
//! the map of far timers, until now has come so far.

use std::collections::BTreeSet;

use crate::entries::{Entries, Entry, Key, Place};

/// A digit is a byte.
const BITS: u32 = 8;
const RINGS: u32 = 4;
const SLOTS: usize = 1 << BITS;

/// Timers, each with a value to be handed out when it is due.
#[derive(Debug)]
pub struct Wheel<T> {
    now: u64,
    /// How many timers there have been.
    number: u64,
    /// Each slot of each ring, the lowest ring first.
    slots: Vec<Vec<Key>>,
    /// How many timers stand in each ring.
    counts: [usize; RINGS as usize],
    /// Those with a digit above all rings that now does not have.
    far: BTreeSet<(u64, Key)>,
    entries: Entries<T>,
}

impl<T> Default for Wheel<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Wheel<T> {
    /// A wheel without timers, at time 0.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: 0,
            number: 0,
            slots: vec![Vec::new(); SLOTS * RINGS as usize],
            counts: [0; RINGS as usize],
            far: BTreeSet::new(),
            entries: Entries::new(),
        }
    }

    /// How far time has come.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Sets a timer.
    pub fn insert(&mut self, at_ms: u64, value: T) -> Key {
        self.number += 1;
        let key = Key(self.number);
        let place = self.place(key, at_ms);
        self.entries.insert(
            key,
            Entry {
                at_ms,
                value,
                place,
            },
        );
        key
    }

    /// The value of a timer that is still set.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.entries.get_mut(&key).map(|entry| &mut entry.value)
    }

    /// Cancels a timer that is still set.
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        let entry = self.entries.remove(&key)?;
        match entry.place {
            Place::Far => {
                self.far.remove(&(entry.at_ms, key));
            }
            Place::Slot(slot, index) => {
                self.counts[slot / SLOTS] -= 1;
                self.slots[slot].swap_remove(index);
                if let Some(moved) = self.slots[slot].get(index) {
                    let moved = self.entries.get_mut(moved).expect("it is set");
                    moved.place = Place::Slot(slot, index);
                }
                if self.slots[slot].is_empty() {
                    self.slots[slot] = Vec::new();
                }
            }
        }
        Some(entry.value)
    }

    /// When to `advance` next: when the next occupied slot begins.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let Some(ring) = self.counts.iter().position(|count| *count > 0) else {
            let (at_ms, _) = self.far.first()?;
            return Some(*at_ms);
        };
        let bits = BITS * ring as u32;
        let digit = (self.now >> bits) as usize % SLOTS;
        let slots = &self.slots[ring * SLOTS..][..SLOTS];
        let next = (digit..SLOTS).find(|slot| !slots[*slot].is_empty());
        let ahead = next.expect("none stands in a slot that has passed") - digit;
        let begins = ((self.now >> bits) + ahead as u64) << bits;
        Some(begins.max(self.now))
    }

    /// Lets time go on, and adds what is due, in the order of the deadlines.
    pub fn advance(&mut self, to_ms: u64, due: &mut Vec<T>) {
        while let Some(next) = self.next_deadline()
            && next <= to_ms.max(self.now)
        {
            self.go_to(next);
            let slot = next as usize % SLOTS;
            for key in std::mem::take(&mut self.slots[slot]) {
                self.counts[0] -= 1;
                due.extend(self.entries.remove(&key).map(|entry| entry.value));
            }
        }
        if to_ms > self.now {
            self.go_to(to_ms);
        }
    }

    /// Sets now, and moves down what belongs further down by that.
    fn go_to(&mut self, now: u64) {
        self.now = now;
        let horizon = BITS * RINGS;
        while let Some((at_ms, key)) = self.far.first().copied()
            && at_ms >> horizon <= now >> horizon
        {
            self.far.remove(&(at_ms, key));
            self.put(key);
        }
        for ring in (1..RINGS as usize).rev() {
            let slot = ring * SLOTS + (now >> (BITS * ring as u32)) as usize % SLOTS;
            let keys = std::mem::take(&mut self.slots[slot]);
            self.counts[ring] -= keys.len();
            keys.into_iter().for_each(|key| self.put(key));
        }
    }

    /// Puts a timer that is set where it belongs now.
    fn put(&mut self, key: Key) {
        let at_ms = self.entries[&key].at_ms;
        let place = self.place(key, at_ms);
        let entry = self.entries.get_mut(&key).expect("it is set");
        entry.place = place;
    }

    /// Adds a key where its deadline belongs now.
    fn place(&mut self, key: Key, at_ms: u64) -> Place {
        let soon = at_ms.max(self.now);
        let ring = (soon ^ self.now)
            .checked_ilog2()
            .map_or(0, |bit| bit / BITS);
        if ring >= RINGS {
            self.far.insert((at_ms, key));
            return Place::Far;
        }
        let slot = ring as usize * SLOTS + (soon >> (BITS * ring)) as usize % SLOTS;
        self.counts[ring as usize] += 1;
        self.slots[slot].push(key);
        Place::Slot(slot, self.slots[slot].len() - 1)
    }
}
