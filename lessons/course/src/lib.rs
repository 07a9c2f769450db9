//! The mechanisms of the course: what the command line does, and the book's server through it.
//!
//! | to know | look in |
//! |---|---|
//! | where the course lies, which lessons there are | [`workspace`], [`lessons`], [`sources`] |
//! | how a stub is made from its solution | [`stubs`] |
//! | what a check demands, and its hints | [`cards`] |
//! | how a program is built and graded | [`subject`], [`workbench`], `downloads`, [`compile`], [`grading`], [`in_order`], [`sitting`], [`process`] |
//! | the wrong programs that graders must catch, the second right ones, and the course's checks of itself | [`mistakes`], [`alternatives`], [`selfcheck`] |
//! | what a server costs, as a table, a chart and a page of the book | [`release`], [`measure`] |
//! | what the book says of tokio and the kernel, and the sources that it cites | [`claims`], [`pinned`] |
//! | what is remembered, and what is saved | [`progress`], [`backup`], [`lock`], [`saves`] |
//! | whose floors later lessons stand on | [`floors`] |
//! | what a person reads | [`report`], [`style`], [`typed`], [`error`] |
#![forbid(unsafe_code)]

pub mod alternatives;
pub mod backup;
pub mod cards;
pub mod claims;
pub mod compare;
pub mod compile;
mod downloads;
pub mod error;
pub mod floors;
pub mod grading;
pub mod in_order;
pub mod lessons;
pub mod lock;
pub mod measure;
pub mod mistakes;
pub mod pinned;
pub mod process;
pub mod progress;
pub mod release;
pub mod report;
pub mod saves;
pub mod selfcheck;
pub mod sitting;
pub mod sources;
pub mod stubs;
pub mod style;
pub mod subject;
pub mod typed;
pub mod workbench;
pub mod workspace;

pub use error::Error;
pub use lessons::Lesson;
pub use workspace::Workspace;
