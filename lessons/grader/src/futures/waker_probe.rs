//! A probe in the place of an executor: it records what a future does with the waker that it is
//! given, and what it leaves undone.
//!
//! Its wakers are built on [`std::task::Wake`], so each is an `Arc`, and the `Arc` counts its
//! clones. That counter does not show how often a waker was cloned in all; it shows how many clones
//! are alive, and the contract is about those.
//!
//! Invariant: a wake is on record before the waker that was woken is dropped. So a thread that
//! finds no waker alive, and after that no wake on record, knows that no wake will come.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::isolated::violation;
use crate::verdict::stop::Checked;
use crate::wait;

/// A function that is called at each wake, in the thread that wakes.
type Answer = Arc<dyn Fn() + Send + Sync>;

/// How long a wake is waited for. A check waits longer for the process that goes through its steps,
/// so that process can still say what it has seen.
const WOKEN: Duration = Duration::from_secs(3);

/// Plays the executor: polls one future, hands it wakers, and holds it to the contract between the
/// two.
pub struct WakerProbe {
    /// The waker that polls hand out now.
    current: Arc<CountedWaker>,
    /// The wakers that polls handed out before the task moved, the oldest first.
    earlier: Vec<Arc<CountedWaker>>,
    /// How many wakes of `current` were on record when the last poll began; 0 after the task has
    /// moved.
    wakes_before: usize,
    /// Given to every waker of this probe.
    answer: Option<Answer>,
}

/// One waker. Its clones alive are the strong references of its `Arc`, less the probe's own.
struct CountedWaker {
    /// How often it was woken by `Waker::wake`, which gives the waker up; it only grows.
    by_value: AtomicUsize,
    /// How often it was woken by `Waker::wake_by_ref`, which keeps the waker; it only grows.
    by_ref: AtomicUsize,
    answer: Option<Answer>,
}

impl WakerProbe {
    /// A probe whose wakers count.
    #[must_use]
    pub fn new() -> Self {
        Self::with_answer(None)
    }

    /// A probe whose wakers count, and then call `answer` in the thread that wakes, before the wake
    /// returns.
    #[must_use]
    pub fn answering(answer: impl Fn() + Send + Sync + 'static) -> Self {
        Self::with_answer(Some(Arc::new(answer)))
    }

    fn with_answer(answer: Option<Answer>) -> Self {
        Self {
            current: CountedWaker::new(answer.clone()),
            earlier: Vec::new(),
            wakes_before: 0,
            answer,
        }
    }

    /// The waker that polls hand out now. The caller's counts as alive, as any other.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.current))
    }

    /// Moves the task: from now on polls hand out another waker, and the one so far is stale.
    pub fn move_task(&mut self) {
        let next = CountedWaker::new(self.answer.clone());
        self.earlier
            .push(std::mem::replace(&mut self.current, next));
        self.wakes_before = 0;
    }

    /// Polls a future once.
    ///
    /// # Errors
    /// As [`WakerProbe::poll_with`].
    pub fn poll<F: Future + ?Sized>(&mut self, future: Pin<&mut F>) -> Checked<Poll<F::Output>> {
        self.poll_with(|cx| future.poll(cx))
    }

    /// Calls a function that polls once, with this probe's waker in its context.
    ///
    /// # Errors
    /// Red, when the result is `Pending` and nothing can ever wake this task: no clone of its waker
    /// is alive, and no wake has come since the poll began.
    pub fn poll_with<T>(
        &mut self,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Checked<Poll<T>> {
        self.wakes_before = self.current.wakes();
        let waker = self.waker();
        let polled = poll(&mut Context::from_waker(&waker));
        drop(waker);
        if polled.is_pending() {
            self.somebody_will_wake()?;
        }
        Ok(polled)
    }

    /// Waits until the waker of the last poll is woken.
    ///
    /// # Errors
    /// Red, at once when the last clone is dropped without a wake; otherwise when no wake comes in
    /// time.
    pub fn woken(&self) -> Checked {
        self.woken_within(WOKEN)
    }

    /// As [`WakerProbe::woken`], with a patience of its own.
    ///
    /// # Errors
    /// As [`WakerProbe::woken`].
    pub fn woken_within(&self, patience: Duration) -> Checked {
        wait::until(Instant::now() + patience, || {
            let will_wake = self.somebody_will_wake();
            (will_wake.is_err() || self.wakes() > 0).then_some(will_wake)
        })
        .unwrap_or_else(|| {
            Err(violation(format!(
                "somebody holds the waker of the last poll, and has not called it for {} s",
                patience.as_secs_f32()
            )))
        })
    }

    /// How often the current waker was woken since the last poll began.
    #[must_use]
    pub fn wakes(&self) -> usize {
        self.current.wakes() - self.wakes_before
    }

    /// How often the current waker was ever woken by `wake`, which gives it up.
    #[must_use]
    pub fn wakes_by_value(&self) -> usize {
        self.current.by_value.load(Ordering::SeqCst)
    }

    /// How often the current waker was ever woken by `wake_by_ref`, which keeps it.
    #[must_use]
    pub fn wakes_by_ref(&self) -> usize {
        self.current.by_ref.load(Ordering::SeqCst)
    }

    /// How often the wakers from before the task moved were woken.
    #[must_use]
    pub fn stale_wakes(&self) -> usize {
        self.earlier.iter().map(|waker| waker.wakes()).sum()
    }

    /// How many clones of the current waker are alive.
    #[must_use]
    pub fn held(&self) -> usize {
        CountedWaker::held(&self.current)
    }

    /// How many clones of the wakers from before the task moved are alive.
    #[must_use]
    pub fn stale_held(&self) -> usize {
        self.earlier.iter().map(CountedWaker::held).sum()
    }

    /// Fails when no wake can come any more. The order of the two looks counts: a wake is on record
    /// before its waker is dropped.
    fn somebody_will_wake(&self) -> Checked {
        if self.held() > 0 || self.wakes() > 0 {
            return Ok(());
        }
        Err(violation(
            if self.stale_held() > 0 || self.stale_wakes() > 0 {
                "`Pending` was returned, and what is held is the waker of an earlier poll: it wakes the place where the task \
             used to be, and nothing will ever poll it where it is now"
            } else {
                "`Pending` was returned, and nobody holds a waker: nothing will ever poll this again"
            },
        ))
    }
}

impl Default for WakerProbe {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WakerProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WakerProbe")
            .field("wakes", &self.wakes())
            .field("held", &self.held())
            .field("stale_wakes", &self.stale_wakes())
            .field("stale_held", &self.stale_held())
            .finish()
    }
}

impl CountedWaker {
    fn new(answer: Option<Answer>) -> Arc<Self> {
        Arc::new(Self {
            by_value: AtomicUsize::new(0),
            by_ref: AtomicUsize::new(0),
            answer,
        })
    }

    fn held(waker: &Arc<Self>) -> usize {
        Arc::strong_count(waker) - 1
    }

    fn wakes(&self) -> usize {
        self.by_value.load(Ordering::SeqCst) + self.by_ref.load(Ordering::SeqCst)
    }

    fn answer(&self) {
        if let Some(answer) = &self.answer {
            answer();
        }
    }
}

impl Wake for CountedWaker {
    fn wake(self: Arc<Self>) {
        self.by_value.fetch_add(1, Ordering::SeqCst);
        self.answer();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.by_ref.fetch_add(1, Ordering::SeqCst);
        self.answer();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::thread;

    use super::*;
    use crate::verdict::stop::Stop;

    fn saw<T>(checked: Checked<T>) -> String {
        match checked {
            Err(Stop::Red(failure)) => failure.saw,
            _ => "no violation".into(),
        }
    }

    #[test]
    fn pending_without_a_waker_is_told_at_once() {
        let mut probe = WakerProbe::new();
        let told = saw(probe.poll(pin!(std::future::pending::<()>())));
        assert!(told.contains("nobody holds a waker"), "{told}");
    }

    #[test]
    fn a_wake_during_the_poll_leaves_nobody_with_a_waker_and_is_right() {
        let mut probe = WakerProbe::new();
        let polled = probe.poll_with(|cx| -> Poll<()> {
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        assert_eq!(polled, Ok(Poll::Pending));
        assert_eq!(
            (probe.wakes(), probe.wakes_by_ref(), probe.held()),
            (1, 1, 0)
        );
        probe.woken().expect("it was woken already");
    }

    #[test]
    fn a_waker_kept_from_before_the_task_moved_is_told_as_such() {
        let mut probe = WakerProbe::new();
        let mut first: Option<Waker> = None;
        let mut keeps_the_first = |cx: &mut Context<'_>| -> Poll<()> {
            first.get_or_insert_with(|| cx.waker().clone());
            Poll::Pending
        };
        assert_eq!(probe.poll_with(&mut keeps_the_first), Ok(Poll::Pending));
        assert_eq!(probe.poll_with(&mut keeps_the_first), Ok(Poll::Pending));
        probe.move_task();
        let told = saw(probe.poll_with(&mut keeps_the_first));
        assert!(told.contains("an earlier poll"), "{told}");
        assert_eq!((probe.held(), probe.stale_held()), (0, 1));
        first.take().expect("it is kept").wake();
        assert_eq!(
            (probe.wakes(), probe.stale_wakes(), probe.stale_held()),
            (0, 1, 0)
        );
    }

    #[test]
    fn a_waker_that_is_dropped_unwoken_is_told_at_once() {
        let mut probe = WakerProbe::new();
        let (give, take) = std::sync::mpsc::channel::<Waker>();
        let holder = thread::spawn(move || drop(take.recv()));
        let polled = probe.poll_with(|cx| -> Poll<()> {
            give.send(cx.waker().clone()).expect("the holder listens");
            Poll::Pending
        });
        assert!(polled.is_ok() || saw(polled).contains("nobody holds"));
        let begun = Instant::now();
        assert!(saw(probe.woken()).contains("nobody holds a waker"));
        assert!(begun.elapsed() < wait::PATIENCE);
        holder.join().expect("the holder ends");
    }

    #[test]
    fn a_wake_from_another_thread_is_waited_for_and_answered() {
        let answers = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&answers);
        let mut probe = WakerProbe::answering(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let polled = probe.poll_with(|cx| -> Poll<()> {
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        });
        assert_eq!(polled, Ok(Poll::Pending));
        probe.woken().expect("the thread wakes it");
        assert_eq!(probe.wakes_by_value(), 1);
        assert_eq!(answers.load(Ordering::SeqCst), 1);
    }
}
