//! The end, told to many: each task that waits for it is woken when it begins.
//!
//! Invariant: the lock is never held while a waker is called, cloned or dropped.

use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Something that begins once, and that many wait for. Clones are the same.
#[derive(Clone, Default)]
pub struct Closing {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Whether it has begun. Set once.
    begun: bool,
    /// Whom to wake then: the waker of each future that waits, by its number.
    waiting: HashMap<u64, Waker>,
    /// How many numbers were given out.
    numbers: u64,
}

impl Closing {
    /// It has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins, and wakes everybody who waits for that.
    pub fn begin(&self) {
        let waiting = {
            let mut state = self.state();
            state.begun = true;
            mem::take(&mut state.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }

    /// A future that is ready when it has begun.
    pub fn begun(&self) -> Begun {
        Begun {
            closing: self.clone(),
            number: None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A future that is ready when something has begun: see [`Closing::begun`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Begun {
    closing: Closing,
    /// Of its waker; given by the first poll that is pending.
    number: Option<u64>,
}

impl Begun {
    /// What another future returns, unless this one is ready before; then the other is dropped.
    pub async fn unless<F: Future>(&mut self, other: F) -> Option<F::Output> {
        let mut other = pin!(other);
        poll_fn(|cx| match Pin::new(&mut *self).poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => other.as_mut().poll(cx).map(Some),
        })
        .await
    }
}

impl Future for Begun {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let waker = cx.waker().clone();
        let _replaced = {
            let mut state = this.closing.state();
            if state.begun {
                return Poll::Ready(());
            }
            let number = *this.number.get_or_insert_with(|| {
                state.numbers += 1;
                state.numbers
            });
            state.waiting.insert(number, waker)
        };
        Poll::Pending
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let _waker = {
                let mut state = self.closing.state();
                state.waiting.remove(&number)
            };
        }
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").finish_non_exhaustive()
    }
}
