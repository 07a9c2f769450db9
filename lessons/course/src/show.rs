//! What a person reads: verdicts, differences, and the next command to type.

pub mod command_hint;
pub mod compare;
pub mod report;
pub mod style;
