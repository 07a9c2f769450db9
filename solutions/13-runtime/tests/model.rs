//! Look, then sleep: in every order in which others can bring something meanwhile.
#![cfg(feature = "model")]

use std::sync::{Arc, PoisonError};

use grader::model::sync::{Condvar, Mutex};
use grader::model::{Ending, every_order, must, thread};
use grader::{Explanation, check};
use runtime::model::Asleep;

/// A loop with a queue, whose system call is a condition variable: it keeps a call that comes
/// before the sleep, as an eventfd does.
struct Loop {
    asleep: Asleep,
    /// How many things there are to do.
    queue: Mutex<u32>,
    /// Whether the sleep was ended, or is before it begins.
    called: Mutex<bool>,
    bell: Condvar,
}

impl Loop {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            asleep: Asleep::not_yet(),
            queue: Mutex::new(0),
            called: Mutex::new(false),
            bell: Condvar::new(),
        })
    }

    /// Brings something to do.
    fn bring(&self) {
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        if self.asleep.has_to_be_woken() {
            *self.called.lock().unwrap_or_else(PoisonError::into_inner) = true;
            self.bell.notify_one();
        }
    }

    /// Takes all there is to do; sleeps until there is something.
    fn take(&self) -> u32 {
        loop {
            self.asleep.begin();
            let found = {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *queue)
            };
            if found == 0 {
                let called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
                let mut called = self
                    .bell
                    .wait_while(called, |called| !*called)
                    .unwrap_or_else(PoisonError::into_inner);
                *called = false;
            }
            self.asleep.end();
            if found > 0 {
                return found;
            }
        }
    }
}

fn moral(_ending: &Ending) -> Explanation {
    Explanation {
        expected: "whatever is brought is found, and the loop never sleeps beside it",
        why: "the loop looked, and then said that it sleeps",
        look: "asleep.rs, and the order of the loop's steps",
    }
}

#[test]
fn whatever_is_brought_is_found() {
    check(|c| {
        c.isolated_for_long(|steps| {
            every_order(steps, "two bring something", 3, "loop", moral, || {
                let it = Loop::new();
                let bringers = ["first", "second"].map(|name| {
                    let it = Arc::clone(&it);
                    thread(name, move || it.bring())
                });
                let mut found = 0;
                while found < 2 {
                    found += it.take();
                }
                for bringer in bringers {
                    bringer.join().expect("no panic");
                }
                must(found == 2, "more was found than was brought");
            });
            Ok(())
        })
    });
}
