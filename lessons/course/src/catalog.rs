//! The content of a checkout: where it lies, its lessons, their sources, and the cards of their
//! checks.

pub mod cards;
pub mod lessons;
pub mod sources;
pub mod stubs;
pub mod workspace;
