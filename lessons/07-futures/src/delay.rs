//! A future that is ready after some time. A thread of its own does the waiting, and
//! wakes whoever polled last.
//!
//! Invariant: `elapsed` is set before the waker is taken, and both under one lock. So a poll either
//! finds it set, or leaves a waker that the thread will find.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// A future that is ready when its time has passed. The time begins with the first poll.
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Delay {
    time: Duration,
    /// What it shares with the thread that waits; `None` until the first poll.
    shared: Option<Arc<Mutex<Shared>>>,
}

/// What the future and the thread that waits tell each other.
#[derive(Debug, Default)]
struct Shared {
    // what the thread has to tell the future, and what the future has to leave for it
}

impl Delay {
    /// A future that is ready when `time` has passed.
    pub fn new(time: Duration) -> Self {
        Self { time, shared: None }
    }
}

impl Future for Delay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let time = self.time;
        todo!("have a thread wait, ask whether the time has passed, and leave a waker if not")
    }
}

// what the thread does
