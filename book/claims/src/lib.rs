//! What the book says of tokio, mio and the kernel, each sentence held by a test.
//!
//! A claim is a test in `tests/claims/SUBJECT.rs`: its name is the claim's, unique over all
//! subjects, the first paragraph of its doc comment is the statement that a chapter shows with
//! `{{#claim NAME}}`, and its body is one call of [`claim`], or of [`claim_of_text`]. `just claim
//! NAME` runs one and shows what it [saw](Claim::saw).
//!
//! | module | what it does |
//! |---|---|
//! | [`owes`](mod@owes) | waiting for what a statement promises, and for what kit and kernel owe |
//! | [`falsification`] | how each claim was made red once |
//! | [`own`] | what the kernel says of this very process |
//! | [`peer`] | two ends of a connection, and states of it that the kernel shows |
//! | [`rt`] | runtimes, and futures polled by hand |
//! | [`trace`] | the system calls of a piece of program, in order |
//! | [`source`] | the pinned sources of tokio and mio, for claims about their text |
//!
//! Invariant: every claim that runs something does so in a process of its own. The threads, files
//! and epoll instances that it sees are its own, whatever runs beside it. It waits for nothing by
//! the clock, and takes nothing on faith that the kernel shows.
#![forbid(unsafe_code)]

mod claim;
pub mod falsification;
mod others;
pub mod owes;
pub mod own;
pub mod peer;
pub mod rt;
pub mod source;
pub mod trace;

pub use claim::{Claim, claim, claim_of_text};
pub use grader::kernel::threads::Call;
pub use grader::{Checked, Stop, reach};
pub use owes::owes;
