//! What threads do with parkers, to be told in every order.

use std::sync::Arc;

use futures_by_hand::model::Parker;
use grader::Steps;
use grader::model::{Tally, calls, every_order, must, thread};

/// One thread parks, another calls it: before, during, or after.
pub(super) fn one_call(steps: &Steps) {
    every_order(
        steps,
        "one thread parks, and one calls it",
        10,
        "sleeper",
        || {
            let parker = Arc::new(Parker::new());
            let called = Arc::new(Tally::new());
            let (caller, calling) = (Arc::clone(&parker), Arc::clone(&called));
            let caller = thread("caller", move || {
                calling.add_one();
                calls("unpark", || caller.unpark());
            });
            calls("park", || parker.park());
            must(
                called.count() == 1,
                "`park` returned, and nobody had called `unpark`",
            );
            caller.join().expect("no panic");
        },
    );
}

/// Two threads call each other in turn: no call may be left over for the next park, and none may be missing.
pub(super) fn there_and_back(steps: &Steps) {
    every_order(
        steps,
        "two threads call each other in turn",
        2,
        "first",
        || {
            let ours = Arc::new(Parker::new());
            let theirs = Arc::new(Parker::new());
            let (called_back, calling_back) = (Arc::clone(&ours), Arc::clone(&theirs));
            let second = thread("second", move || {
                for _ in 0..2 {
                    calls("park", || calling_back.park());
                    calls("unpark of the first", || called_back.unpark());
                }
            });
            for _ in 0..2 {
                calls("unpark of the second", || theirs.unpark());
                calls("park", || ours.park());
            }
            second.join().expect("no panic");
        },
    );
}

/// What an executor does: look, and park if there is nothing yet. Two others bring something, and call.
pub(super) fn two_callers(steps: &Steps) {
    every_order(
        steps,
        "one thread parks until two others have brought something",
        2,
        "sleeper",
        || {
            let parker = Arc::new(Parker::new());
            let brought = Arc::new(Tally::new());
            let callers = ["one caller", "another caller"].map(|name| {
                let (caller, brings) = (Arc::clone(&parker), Arc::clone(&brought));
                thread(name, move || {
                    brings.add_one();
                    calls("unpark", || caller.unpark());
                })
            });
            while brought.count() < 2 {
                calls("park", || parker.park());
            }
            for caller in callers {
                caller.join().expect("no panic");
            }
        },
    );
}
