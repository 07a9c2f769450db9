//! The learner's state: their progress, backups of replaced sources, and whose floors their lessons
//! stand on.

pub mod backup;
pub mod progress;
pub mod workspace_deps;
