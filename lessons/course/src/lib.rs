//! The mechanisms of the course, used by its command line and by the book's server.
//!
//! | to know | look in |
//! |---|---|
//! | where the course lies, its lessons, their checks' cards, how a stub is made | [`catalog`] |
//! | how a program is built and graded | [`grade`] |
//! | how far the learner is, what is kept for them, whose floors later lessons stand on | [`learner`] |
//! | new lessons, wrong programs, second right ones, the course's checks of itself | [`author`] |
//! | what a server costs, as a table, a chart and a page of the book | [`measure`] |
//! | the book's claims about tokio and the kernel, and the sources it cites | [`claims`] |
//! | output and error messages | [`show`], [`error`] |
//! | processes, locks, parallel jobs, watching files | [`system`] |
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
