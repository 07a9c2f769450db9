//! A future that is ready after some time, which a thread spends asleep.
//!
//! Invariant: the thread says that the time is over before it looks for a waker; the
//! future leaves its waker before it looks, once more, whether the time is over. So one
//! of the two sees the other.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// A future that is ready when its time has passed. The time begins with the first poll.
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct Delay {
    time: Duration,
    /// `None` until the first poll.
    news: Option<Arc<News>>,
}

#[derive(Debug, Default)]
struct News {
    /// Set by the thread, once.
    over: AtomicBool,
    /// The latest poll's.
    waker: Mutex<Option<Waker>>,
}

impl Delay {
    /// A future that is ready when `time` has passed.
    pub fn new(time: Duration) -> Self {
        Self { time, news: None }
    }
}

impl Future for Delay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let time = self.time;
        let news = self.news.get_or_insert_with(|| {
            let news = Arc::new(News::default());
            let told = Arc::clone(&news);
            thread::spawn(move || {
                thread::sleep(time);
                told.over.store(true, Ordering::SeqCst);
                let waker = told.left().take();
                waker.map(Waker::wake)
            });
            news
        });
        let earlier = news.left().replace(cx.waker().clone());
        // Without the lock: a waker that is dropped is somebody else's code, too.
        drop(earlier);
        if news.over.load(Ordering::SeqCst) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl News {
    fn left(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
