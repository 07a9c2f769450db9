//! The command line: its arguments, its commands, and the terminal that they write to.

// This module comes first because the others use its macros.
#[macro_use]
pub(crate) mod screen;

pub(crate) mod args;
pub(crate) mod commands;
mod course_here;
mod progress_view;
