//! The kit that graders are written with: short, deterministic checks whose failure is a lesson.
//!
//! A grader's test is one call of [`check()`]. Inside, a [`Check`] starts the learner's
//! [`Program`], a [`Client`] talks to it, [`kernel`] shows both from outside, and [`reach()`] waits
//! until the kernel shows the situation that the check is about. When the program does not do what
//! it owes, the check ends with a [`Failure`] in words.
//!
//! | to know | look in |
//! |---|---|
//! | how a check begins, and what it can start | [`mod@check`] |
//! | what it concludes, and in which words | [`verdict`], `verdict/explain`, `words` |
//! | the program under judgement: its start, output, limits and end | `program` |
//! | how long a check waits for a program | `program/patience`, [`wait`], [`mod@reach`] |
//! | whether it rests, and how much processor time it uses | `idle`, `cpu_use` |
//! | what a failure shows of its state | `diagnosis` |
//! | its clients: one, many, and one that does not read | `client` |
//! | a place that it connects to | `listener` |
//! | how learners' functions are called directly, in a process of their own | `isolated` |
//! | what plays the other side of a future, an executor, a waker | `futures` |
//! | the contracts that several lessons share | [`contracts`] |
//! | what the kernel shows: threads, sockets, epoll, memory, limits | [`kernel`] |
//! | how system calls are counted | [`strace`], `check/traced_program`, `check/traced_steps` |
//! | whether this machine lets a check judge at all | `machine_check` |
//! | the words that the processes of one check exchange | `protocol` |
//! | a model of threads that tries every order | `model`, with the feature of that name |
//!
//! Invariants: no check waits a fixed time for something to happen, and none assumes a state that
//! the kernel can show. The modules use each other in one direction only; a test of the course
//! checks that.
#![forbid(unsafe_code)]

pub mod check;
mod client;
pub mod contracts;
mod cpu_use;
mod diagnosis;
mod futures;
mod idle;
mod isolated;
pub mod kernel;
mod listener;
mod machine_check;
#[cfg(feature = "model")]
pub mod model;
mod mutex;
mod program;
mod protocol;
mod reach;
pub mod strace;
mod verdict;
pub mod wait;
mod words;

pub use check::traced_program::Trace;
pub use check::{Check, check, check_of, judge, test_of, within};
pub use client::Client;
pub use client::backpressure::{Backpressure, Stream};
pub use client::clients::Clients;
pub use client::ends::Ends;
pub use client::load::{Answer, Talk};
pub use client::pace::Pace;
pub use contracts::{amounts, departures, echo, fd_exhaustion, memory, reading, rest};
pub use cpu_use::CpuUse;
pub use futures::future_probe::{FutureProbe, Polls};
pub use futures::waker_probe::WakerProbe;
pub use futures::when_cloned::when_cloned;
pub use futures::when_dropped::when_dropped;
pub use isolated::{Steps, violation};
pub use listener::Listener;
pub use mutex::lock;
pub use program::Program;
pub use program::cleanup::{Watchdog, stood_watch};
pub use program::held_output::HeldOutput;
pub use reach::reach;
pub use verdict::explain::{Explain, Explanation, Seen};
pub use verdict::stop::{Checked, Stop};
pub use verdict::{Cause, Failure, Given, Panicked, Report, Unwritten, Verdict};
pub use words::{is_unseen, panic_words, visible};
