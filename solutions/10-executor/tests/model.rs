//! The state of a task in every order in which threads can wake it, run it and end it.
#![cfg(feature = "model")]

use std::cell::Cell;
use std::sync::{Arc, PoisonError};

use executor::model::{Next, State};
use grader::model::sync::Mutex;
use grader::model::{Ending, Tally, every_order, must, thread};
use grader::{Explanation, check};

/// A task without a future: a state, a queue, and counts of what was done.
struct Task {
    state: State,
    /// How often it stands in the queue.
    queue: Mutex<u32>,
    /// What its wakes are about.
    told: Tally,
    /// How often it was ended.
    ends: Tally,
}

impl Task {
    fn queued() -> Arc<Self> {
        Arc::new(Self {
            state: State::queued(),
            queue: Mutex::new(1),
            told: Tally::new(),
            ends: Tally::new(),
        })
    }

    fn queue(&self) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        must(*queue == 0, "it stands in the queue twice");
        *queue = 1;
    }

    fn wake(&self) {
        self.told.add_one();
        if self.state.wake() {
            self.queue();
        }
    }

    /// Gives it turns until the queue is empty. At each poll, `look`.
    fn run(&self, look: impl Fn()) {
        loop {
            {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                if *queue == 0 {
                    return;
                }
                *queue = 0;
            }
            let next = match self.state.begin() {
                Next::Poll => {
                    look();
                    self.state.pause()
                }
                other => other,
            };
            match next {
                Next::Poll => self.queue(),
                Next::End => self.ends.add_one(),
                Next::Nothing => {}
            }
        }
    }
}

fn moral(_ending: &Ending) -> Explanation {
    Explanation {
        expected: "each wake is followed by a poll that sees what it is about, and a task ends once",
        why: "two threads have changed the state of a task at the same time",
        look: "state.rs",
    }
}

#[test]
fn each_wake_is_followed_by_a_poll() {
    check(|c| {
        c.isolated_for_long(|steps| {
            every_order(steps, "two wakes and a run", 3, "runner", moral, || {
                let task = Task::queued();
                let wakers = ["first", "second"].map(|name| {
                    let task = Arc::clone(&task);
                    thread(name, move || task.wake())
                });
                // How many wakes the latest poll has seen.
                let seen = Cell::new(0);
                let look = || seen.set(task.told.count());
                task.run(look);
                for waker in wakers {
                    waker.join().expect("no panic");
                }
                // What they have queued since.
                task.run(look);
                must(seen.get() == 2, "a wake was followed by no poll");
            });
            Ok(())
        })
    });
}

#[test]
fn a_task_that_is_aborted_and_closed_ends_once() {
    check(|c| {
        c.isolated_for_long(|steps| {
            every_order(steps, "an abort and a close", 3, "runner", moral, || {
                let task = Task::queued();
                let (aborts, closes) = (Arc::clone(&task), Arc::clone(&task));
                let abort = thread("abort", move || {
                    if aborts.state.abort() {
                        aborts.queue();
                    }
                });
                let close = thread("close", move || {
                    if closes.state.close() {
                        closes.ends.add_one();
                    }
                });
                task.run(|| {});
                abort.join().expect("no panic");
                close.join().expect("no panic");
                task.run(|| {});
                must(task.ends.count() == 1, "it was not ended once");
                must(!task.state.wake(), "it was queued after its end");
            });
            Ok(())
        })
    });
}
