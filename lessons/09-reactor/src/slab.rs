//! A slab: values in slots, and for each a token that leads to it in one step.
//!
//! Invariant: a token is a slot and a generation of that slot, and no generation comes twice. So
//! the token of a value that has gone leads nowhere, whatever its slot holds by now.

// how values get tokens, are found by them, and go; or nothing, if your tokens are others
