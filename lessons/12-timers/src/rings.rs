//! The rings of a wheel: which slot a deadline belongs to, and which slot comes next.
//!
//! There are six rings of 64 slots. A slot of the lowest ring is a millisecond, and a slot of each
//! other is as long as the whole ring below it. Written in base 64, a time has a digit for each
//! ring, and that digit is the slot.
//!
//! Invariant: a deadline belongs to the ring of the highest digit in which it differs from now. So
//! everything in a ring comes before everything in the rings above.

/// How many bits a digit has.
const BITS: u32 = 6;
/// How many slots a ring has.
const SLOTS: u64 = 1 << BITS;
/// How many rings there are.
const RINGS: u32 = 6;
/// How many slots all rings have.
pub(crate) const ALL: usize = (SLOTS * RINGS as u64) as usize;
/// The lowest difference, in milliseconds, for which there is no digit: some two years.
const HORIZON: u64 = 1 << (BITS * RINGS);

/// A slot of any ring: the ring times `SLOTS`, plus the digit.
pub(crate) type Slot = usize;

/// The slot of a deadline. One that has passed belongs to now, and one beyond the horizon to the
/// highest ring, where it is looked at once in each turn.
pub(crate) fn slot_of(at_ms: u64, now: u64) -> Slot {
    todo!("the ring of the highest digit that differs from now, and the digit there")
}

/// Which slots are occupied: a bit for each, a word for each ring.
#[derive(Debug, Default)]
pub(crate) struct Occupied([u64; RINGS as usize]);

impl Occupied {
    pub(crate) fn set(&mut self, slot: Slot) {
        self.0[slot / SLOTS as usize] |= 1 << (slot % SLOTS as usize);
    }

    pub(crate) fn clear(&mut self, slot: Slot) {
        self.0[slot / SLOTS as usize] &= !(1 << (slot % SLOTS as usize));
    }

    /// The occupied slot that begins next, and when: it may have begun just now.
    pub(crate) fn next(&self, now: u64) -> Option<(Slot, u64)> {
        todo!("find the occupied slot that begins next; where does the search begin?")
    }
}
