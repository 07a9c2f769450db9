//! The timers that are set, each with the place where it stands.

use std::collections::HashMap;

/// The name of a timer that was set: a number that no other timer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) u64);

/// Where a timer stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In this slot, at this index.
    Slot(usize, usize),
    /// In the map of far timers.
    Far,
}

/// A timer.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) at_ms: u64,
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// All timers, by their keys.
pub(crate) type Entries<T> = HashMap<Key, Entry<T>>;
