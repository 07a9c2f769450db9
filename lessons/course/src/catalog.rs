//! What there is: the checkout, its lessons, their sources, and the cards of their checks.

pub mod cards;
pub mod lessons;
pub mod sources;
pub mod stubs;
pub mod workspace;
