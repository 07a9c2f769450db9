//! The mechanisms of the course: what the command line does, and the book's server through it.
//!
//! | to know | look in |
//! |---|---|
//! | where the course lies, which lessons there are, what their checks demand, how a stub is made | [`catalog`] |
//! | how a program is built and graded | [`grade`] |
//! | how far the learner is, what is kept for them, whose floors later lessons stand on | [`learner`] |
//! | the wrong programs that graders must catch, the second right ones, and the course's checks of itself | [`author`] |
//! | what a server costs, as a table, a chart and a page of the book | [`measure`] |
//! | what the book says of tokio and the kernel, and the sources that it cites | [`claims`] |
//! | what a person reads | [`show`], [`error`] |
//! | processes, locks, jobs side by side, what is saved | [`system`] |
//!
//! Invariant: the modules use each other in one direction only; a test holds them to it. The
//! command line itself is the other crate of this package: `main.rs`, and `cli`.
#![forbid(unsafe_code)]

pub mod author;
pub mod catalog;
pub mod claims;
pub mod error;
pub mod grade;
pub mod learner;
pub mod measure;
pub mod show;
pub mod system;

pub use catalog::lessons::Lesson;
pub use catalog::workspace::Workspace;
pub use error::Error;
