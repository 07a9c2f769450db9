//! What holds of every source file of the course: which way its modules use each other, and how it
//! reads.

#[path = "tidy/comments.rs"]
mod comments;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/length.rs"]
mod length;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/openings.rs"]
mod openings;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/test_names.rs"]
mod test_names;
