//! What holds of every source file of the course: which way its modules use each
//! other, and how it reads.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/modules.rs"]
mod modules;
