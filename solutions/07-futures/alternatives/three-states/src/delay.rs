//! A future that is ready after some time. A thread waits, and is sent each poll's waker.
//!
//! Invariant: nothing is shared but a channel, and the clock says whether the time has passed. The
//! thread takes its last waker after the time is over; a poll that may have sent one later looks at
//! the clock again.

use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// A future that is ready when its time has passed. The time begins with the first poll.
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Delay {
    time: Duration,
    /// When the time is over, and where the thread hears of wakers; `None` until the first poll.
    begun: Option<(Instant, Sender<Waker>)>,
}

impl Delay {
    /// A future that is ready when `time` has passed.
    pub fn new(time: Duration) -> Self {
        Self { time, begun: None }
    }
}

impl Future for Delay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let time = self.time;
        let (over, wakers) = self.begun.get_or_insert_with(|| {
            let over = Instant::now() + time;
            let (wakers, hears) = mpsc::channel();
            thread::spawn(move || wait(over, &hears));
            (over, wakers)
        });
        // It cannot be sent when the thread has ended, and then the time is over.
        let _ = wakers.send(cx.waker().clone());
        if Instant::now() >= *over {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Lets the time pass, and calls the waker that it was told of last.
fn wait(over: Instant, wakers: &Receiver<Waker>) {
    let mut latest = None;
    loop {
        let left = over.saturating_duration_since(Instant::now());
        let told = if left.is_zero() {
            wakers.try_recv().map_err(|_| RecvTimeoutError::Timeout)
        } else {
            wakers.recv_timeout(left)
        };
        match told {
            Ok(waker) => latest = Some(waker),
            Err(RecvTimeoutError::Timeout) if left.is_zero() => break,
            Err(RecvTimeoutError::Timeout) => {}
            // The delay was dropped, and nobody waits.
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
    latest.into_iter().for_each(Waker::wake);
}
