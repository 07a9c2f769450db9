//! A probe in the place of a future: it records what an executor does with it.
//!
//! Invariant: every poll and every wake is on record before it is passed on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::isolated::Steps;
use crate::verdict::explain::Explanation;

/// The words for a poll after `Ready`, unless the check has words of its own.
const READY_IS_THE_END: Explanation = Explanation {
    expected: "a future that was ready is not polled again",
    why: "its value was handed over with `Ready`, and nothing is left in it that a poll could be about",
    look: "where the loop around `poll` ends",
};

/// A future around another, to be handed to an executor. A poll after `Ready` ends the steps: it
/// violates the contract.
#[derive(Debug)]
pub struct FutureProbe<F> {
    /// Never polled again once it has returned `Ready`.
    inner: Pin<Box<F>>,
    polls: Polls,
    steps: Steps,
    /// The words for a poll after `Ready`.
    after_ready: Explanation,
}

/// The record of a [`FutureProbe`]; clones are the same record.
#[derive(Clone, Debug, Default)]
pub struct Polls(Arc<Record>);

#[derive(Debug, Default)]
struct Record {
    /// How often it was polled; only the probe counts it up.
    polls: AtomicUsize,
    /// How often a waker that the future inside was given has been woken; only `Forwarded` counts
    /// it up.
    wakes: AtomicUsize,
    /// Set when the future inside has returned `Ready`; never unset.
    ready: AtomicBool,
}

/// A waker that records each wake and passes it on to the executor's.
struct Forwarded {
    /// The executor's.
    to: Waker,
    polls: Polls,
}

impl<F: Future> FutureProbe<F> {
    /// Wraps `inner`; the second value is the record.
    pub fn new(steps: &Steps, inner: F) -> (Self, Polls) {
        Self::with_moral(steps, READY_IS_THE_END, inner)
    }

    /// As [`FutureProbe::new`], with the check's own words for a poll after `Ready`.
    pub fn with_moral(steps: &Steps, after_ready: Explanation, inner: F) -> (Self, Polls) {
        let polls = Polls::default();
        let probe = Self {
            inner: Box::pin(inner),
            polls: polls.clone(),
            steps: steps.clone(),
            after_ready,
        };
        (probe, polls)
    }
}

impl<F: Future> Future for FutureProbe<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let record = &self.polls.0;
        record.polls.fetch_add(1, Ordering::SeqCst);
        if record.ready.load(Ordering::SeqCst) {
            self.steps.violated_so(
                "`poll` was called again after it had returned `Ready`: the value is gone, and the future owes nothing \
                 more",
                self.after_ready,
            );
        }
        let waker = Waker::from(Arc::new(Forwarded {
            to: cx.waker().clone(),
            polls: self.polls.clone(),
        }));
        let polled = self.inner.as_mut().poll(&mut Context::from_waker(&waker));
        self.polls
            .0
            .ready
            .store(polled.is_ready(), Ordering::SeqCst);
        polled
    }
}

impl Polls {
    /// How often the future was polled so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.polls.load(Ordering::SeqCst)
    }

    /// How often a waker that the future was given has been woken so far.
    #[must_use]
    pub fn wakes(&self) -> usize {
        self.0.wakes.load(Ordering::SeqCst)
    }
}

impl Wake for Forwarded {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.polls.0.wakes.fetch_add(1, Ordering::SeqCst);
        self.to.wake_by_ref();
    }
}
