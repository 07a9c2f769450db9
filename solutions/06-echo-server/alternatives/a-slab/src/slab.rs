//! Values under small numbers that are used again: from 1, since 0 is the listener's.

/// A vector with holes; number `n` stands at index `n - 1`.
pub(crate) struct Slab<T> {
    slots: Vec<Option<T>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// The smallest number that is free.
    pub(crate) fn vacant(&self) -> usize {
        self.slots
            .iter()
            .position(Option::is_none)
            .unwrap_or(self.slots.len())
            + 1
    }

    pub(crate) fn insert(&mut self, number: usize, value: T) {
        if number > self.slots.len() {
            self.slots.resize_with(number, || None);
        }
        self.slots[number - 1] = Some(value);
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut T> {
        self.slots.get_mut(number - 1)?.as_mut()
    }

    pub(crate) fn remove(&mut self, number: usize) -> Option<T> {
        self.slots.get_mut(number - 1)?.take()
    }
}
