//! A slab: values in slots, and for each a token that leads to it in one step.
//!
//! Invariant: a token is a slot and a generation of that slot, and no generation comes twice. So
//! the token of a value that has gone leads nowhere, whatever its slot holds by now.

// yours: how values get tokens, are found by them, and go; or nothing, if your tokens are others
use mio::Token;

/// How many bits of a token are the slot. The bits above are the generation.
const SLOT_BITS: u32 = usize::BITS / 2;

/// Values of one type, each with a token.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Slots that are empty and may be filled again.
    free: Vec<usize>,
}

#[derive(Debug)]
struct Slot<T> {
    /// How many values have been here; counted up by each new one. So none has generation 0.
    generation: usize,
    /// The value of this generation, until it is removed.
    value: Option<T>,
}

impl<T> Slab<T> {
    /// Keeps a value, under a token that nothing has had before.
    ///
    /// # Panics
    /// When there are more values than half of a token can number: on 64 bits, four thousand
    /// million.
    pub(crate) fn insert(&mut self, value: T) -> Token {
        let number = self.free.pop().unwrap_or(self.slots.len());
        assert!(number >> SLOT_BITS == 0, "there are too many sources");
        if number == self.slots.len() {
            self.slots.push(Slot::default());
        }
        let slot = &mut self.slots[number];
        slot.generation += 1;
        slot.value = Some(value);
        Token(slot.generation << SLOT_BITS | number)
    }

    /// The value that a token means, if it is still here.
    pub(crate) fn get(&self, token: Token) -> Option<&T> {
        let (number, generation) = parts(token);
        let slot = self.slots.get(number)?;
        slot.value
            .as_ref()
            .filter(|_| slot.generation == generation)
    }

    /// Takes out the value that a token means, if it is still here.
    pub(crate) fn remove(&mut self, token: Token) -> Option<T> {
        let (number, generation) = parts(token);
        let slot = self.slots.get_mut(number)?;
        let value = slot.value.take_if(|_| slot.generation == generation)?;
        // A slot that has had all its generations stays empty.
        if generation < usize::MAX >> SLOT_BITS {
            self.free.push(number);
        }
        Some(value)
    }

    /// Every value that is here.
    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        self.slots.into_iter().filter_map(|slot| slot.value)
    }
}

/// The slot and the generation that a token is made of.
fn parts(token: Token) -> (usize, usize) {
    (token.0 & usize::MAX >> SLOT_BITS, token.0 >> SLOT_BITS)
}

// Derived, these would ask for a default of `T`.
impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            generation: 0,
            value: None,
        }
    }
}
// end
