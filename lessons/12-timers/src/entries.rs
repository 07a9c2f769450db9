//! The entries of a wheel: all in one `Vec`, each a member of one list at a time.
//!
//! Invariant: a key means one entry. When that has gone, its key means nothing, although its place
//! in the `Vec` is used again.

use std::ops::{Index, IndexMut};

use crate::rings::Slot;

/// The name of a timer that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub(crate) place: u32,
    /// As in the entry.
    generation: u32,
}

/// A place in the `Vec`, or none.
pub(crate) type Link = Option<u32>;

/// A timer.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) at_ms: u64,
    /// `None` while the place is free.
    pub(crate) value: Option<T>,
    /// In whose list it stands, and its neighbours there.
    pub(crate) slot: Slot,
    pub(crate) before: Link,
    pub(crate) after: Link,
    /// How many entries have had this place before. After four thousand million it begins anew.
    generation: u32,
}

/// All entries.
#[derive(Debug)]
pub(crate) struct Entries<T> {
    places: Vec<Entry<T>>,
    /// The places that are free.
    free: Vec<u32>,
}

impl<T> Entries<T> {
    pub(crate) fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Adds an entry, which is in no list yet.
    pub(crate) fn add(&mut self, at_ms: u64, value: T) -> Key {
        let Some(place) = self.free.pop() else {
            let place = u32::try_from(self.places.len()).expect("fewer timers than that");
            self.places.push(Entry {
                at_ms,
                value: Some(value),
                slot: 0,
                before: None,
                after: None,
                generation: 0,
            });
            return Key {
                place,
                generation: 0,
            };
        };
        let entry = &mut self[place];
        entry.at_ms = at_ms;
        entry.value = Some(value);
        let generation = entry.generation;
        Key { place, generation }
    }

    /// The value of the entry that a key means, if there still is one.
    pub(crate) fn value_mut(&mut self, key: Key) -> Option<&mut T> {
        let entry = self.places.get_mut(key.place as usize)?;
        let is_meant = entry.generation == key.generation;
        entry.value.as_mut().filter(|_| is_meant)
    }

    /// Removes an entry, which has to be in no list any more.
    pub(crate) fn remove(&mut self, place: u32) -> Option<T> {
        self.free.push(place);
        let entry = &mut self[place];
        entry.generation = entry.generation.wrapping_add(1);
        entry.value.take()
    }
}

impl<T> Index<u32> for Entries<T> {
    type Output = Entry<T>;

    fn index(&self, place: u32) -> &Entry<T> {
        &self.places[place as usize]
    }
}

impl<T> IndexMut<u32> for Entries<T> {
    fn index_mut(&mut self, place: u32) -> &mut Entry<T> {
        &mut self.places[place as usize]
    }
}
