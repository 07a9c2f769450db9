//! Grading, from sources to verdicts: a package is laid out, its crates are fetched, it is built
//! together with its grader, and each check runs in a process of its own.

pub mod compile;
pub mod diagnostics;
mod downloads;
pub mod run;
pub mod scratch_package;
pub mod session;
pub mod subject;
