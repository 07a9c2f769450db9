//! What is the learner's: how far they have come, copies of what was replaced, and whose floors
//! they stand on.

pub mod backup;
pub mod progress;
pub mod workspace_deps;
