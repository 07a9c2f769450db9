//! Lesson 11: sockets that can be awaited, with the traits that everyone has: tokio's `AsyncRead`
//! and `AsyncWrite`.
//!
//! Invariant: a read or write is tried only when it is worth it, and a try that was refused takes
//! back that it was. So no task is polled in vain for long, and none sleeps beside bytes.
#![forbid(unsafe_code)]

mod frames;
mod listener;
mod stream;

pub use crate::frames::Frames;
pub use crate::listener::TcpListener;
pub use crate::stream::TcpStream;
// The floors below, for whoever builds on this one: two copies of one of them in one program would
// be two different floors. And the traits, in the version that this one implements.
pub use executor::{self, futures_by_hand, reactor};
pub use tokio;
