//! The kit that graders are written with: short, deterministic checks whose failure is a lesson.
//!
//! A grader's test is one call of [`check`]. Inside, a [`Check`] starts the learner's [`Program`], a [`Client`] talks
//! to it, [`kernel`] tells what the kernel knows of both, and [`reach`] waits until the kernel shows the situation
//! that is to be judged. What the program owes and does not do becomes a [`Failure`] in words.
//!
//! Invariant: no check waits a fixed time for something to happen, and none takes on faith what the kernel can show.
#![forbid(unsafe_code)]

mod apart;
mod autopsy;
mod check;
mod client;
mod crowd;
pub mod echo;
mod ending;
mod future_probe;
mod host;
mod idle;
mod keeper;
pub mod kernel;
mod load;
pub mod machine_limits;
#[cfg(feature = "model")]
pub mod model;
mod output;
mod pressure;
mod program;
mod reach;
pub mod reading;
pub mod shortage;
mod stop;
mod strace;
mod traced_steps;
mod unseen;
mod verdict;
pub mod wait;
mod waker_probe;
mod warden;
mod watched_waker;
mod words;

pub use apart::Steps;
pub use check::{Check, check, check_of, judge, test_of, within};
pub use client::{Client, Ends};
pub use crowd::Crowd;
pub use future_probe::{FutureProbe, Polls};
pub use host::Host;
pub use idle::Conduct;
pub use keeper::{Watchdog, stood_watch};
pub use load::{Answer, Talk};
pub use pressure::{Pressure, Stream};
pub use program::Program;
pub use reach::reach;
pub use stop::{Checked, Explain, Moral, Stop};
pub use strace::Trace;
pub use unseen::{Unseen, unseen};
pub use verdict::{Cause, Failure, Panicked, Report, Unwritten, Verdict};
pub use waker_probe::WakerProbe;
pub use watched_waker::when_cloned;
pub use words::{is_unseen, visible};
