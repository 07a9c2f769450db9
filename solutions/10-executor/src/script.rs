//! The tasks of a script, by their names.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use executor::futures_by_hand::YieldNow;
use executor::{JoinError, JoinHandle, Spawner};

/// The tasks that a script has spawned.
pub(crate) struct Script {
    spawner: Spawner,
    /// In the order in which they were spawned.
    handles: Vec<(String, JoinHandle<()>)>,
    waiting: Arc<Waiting>,
}

/// The wakers of the tasks that wait, by name. Each is taken by the wake.
#[derive(Default)]
struct Waiting(Mutex<HashMap<String, Waker>>);

impl Script {
    pub(crate) fn new(spawner: Spawner) -> Self {
        Self {
            spawner,
            handles: Vec::new(),
            waiting: Arc::default(),
        }
    }

    /// Spawns a task that does these words.
    pub(crate) fn spawn(&mut self, name: &str, words: &[&str]) {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        let task = act(name.to_owned(), words, Arc::clone(&self.waiting));
        let handle = self.spawner.spawn(narrated(name.to_owned(), task));
        self.handles.push((name.to_owned(), handle));
    }

    pub(crate) fn wake(&self, name: &str) {
        self.waiting.wake(name);
    }

    pub(crate) fn abort(&self, name: &str) {
        let named = self.handles.iter().filter(|(other, _)| other == name);
        named.for_each(|(_, handle)| handle.abort());
    }

    /// Prints what has become of each task. All of them have ended.
    pub(crate) async fn tell(self) {
        for (name, handle) in self.handles {
            let end = match handle.await {
                Ok(()) => "done",
                Err(JoinError::Aborted) => "aborted",
                Err(JoinError::Panicked(_)) => "panicked",
            };
            println!("{name}: {end}");
        }
    }
}

impl Waiting {
    fn wake(&self, name: &str) {
        let waker = {
            let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            wakers.remove(name)
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Is pending once, and leaves a waker under this name.
    async fn wait(&self, name: &str) {
        let mut has_waited = false;
        poll_fn(|cx| {
            if has_waited {
                return Poll::Ready(());
            }
            has_waited = true;
            let waker = cx.waker().clone();
            let _replaced = {
                let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                wakers.insert(name.to_owned(), waker)
            };
            Poll::Pending
        })
        .await;
    }
}

/// Does one word after the other.
async fn act(name: String, words: Vec<String>, waiting: Arc<Waiting>) {
    for word in words {
        match word.as_str() {
            "yield" => YieldNow::new().await,
            "wait" => waiting.wait(&name).await,
            "panic" => panic!("{name} was told to panic"),
            other => waiting.wake(other),
        }
    }
}

/// Prints the name at every poll.
async fn narrated(name: String, task: impl Future<Output = ()>) {
    let mut task = pin!(task);
    poll_fn(|cx| {
        println!("{name}");
        task.as_mut().poll(cx)
    })
    .await;
}
