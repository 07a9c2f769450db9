//! The command line: what can be typed, what each command does, and the terminal that it talks to.

// First, for its macros.
#[macro_use]
pub(crate) mod screen;

pub(crate) mod args;
pub(crate) mod commands;
mod course_here;
mod progress_view;
