//! What threads do with parkers, to be told in every order.

use std::sync::Arc;
use std::time::Duration;

use futures_by_hand::model::{Parker, SOURCE};
use grader::model::{Tally, calls, every_order, must_see, rings, thread};
use grader::{Checked, Explain, Failure, Steps};

use crate::morals::{moral, moral_of_a_time_out};
use crate::std_sync_scan::{FromStd, first_from_std};

/// A time-out that only the model's clock can bring to its end.
const AN_HOUR: Duration = Duration::from_secs(3600);

/// Nothing by which the parker waits or is called comes from `std` itself: of that the model knows
/// nothing, and a story told without it would not be the parker's.
pub(super) fn can_be_told() -> Checked {
    let Some(FromStd { line, path }) = first_from_std(SOURCE) else {
        return Ok(());
    };
    let saw =
        format!("parker.rs:{line} takes `{path}`: the model cannot see it, and nothing was tried");
    let failure = Failure {
        saw,
        ..Failure::default()
    };
    Err(failure.into()).explain(
        "the parker takes everything that threads wait at, or are woken by, from `super::sync`",
        "the model tries every order of the steps that it knows, and it knows those of its own locks, atomics and \
         threads, and the time of its own clock. This says nothing about your parker: it may well be right",
        "the `use` lines of parker.rs. `super::sync` has `Mutex`, `Condvar`, `atomic`, `thread` and `Instant`, each under the \
         name that it has in std",
    )
}

/// One thread parks, another calls it: before, during, or after.
pub(super) fn one_call(steps: &Steps) {
    every_order(
        steps,
        "one thread parks, and one calls it",
        10,
        "sleeper",
        moral,
        || {
            let parker = Arc::new(Parker::new());
            let called = Arc::new(Tally::new());
            let (caller, calling) = (Arc::clone(&parker), Arc::clone(&called));
            let caller = thread("caller", move || {
                calling.add_one();
                rings("unpark", || caller.unpark());
            });
            calls("park", || parker.park());
            must_see(
                &called,
                1,
                "`park` returned, and nobody had called `unpark`",
            );
            caller.join().expect("no panic");
        },
    );
}

/// Two threads call each other in turn: no call may be left over for the next park,
/// and none may be missing.
pub(super) fn there_and_back(steps: &Steps) {
    every_order(
        steps,
        "two threads call each other in turn",
        2,
        "first",
        moral,
        || {
            let ours = Arc::new(Parker::new());
            let theirs = Arc::new(Parker::new());
            let (called_back, calling_back) = (Arc::clone(&ours), Arc::clone(&theirs));
            let second = thread("second", move || {
                for _ in 0..2 {
                    calls("park", || calling_back.park());
                    rings("unpark of the first", || called_back.unpark());
                }
            });
            for _ in 0..2 {
                rings("unpark of the second", || theirs.unpark());
                calls("park", || ours.park());
            }
            second.join().expect("no panic");
        },
    );
}

/// What an executor does: look, and park if there is nothing yet. Two others
/// bring something, and call.
pub(super) fn two_callers(steps: &Steps) {
    every_order(
        steps,
        "one thread parks until two others have brought something",
        2,
        "sleeper",
        moral,
        || {
            let parker = Arc::new(Parker::new());
            let brought = Arc::new(Tally::new());
            let callers = ["one caller", "another caller"].map(|name| {
                let (caller, brings) = (Arc::clone(&parker), Arc::clone(&brought));
                thread(name, move || {
                    brings.add_one();
                    rings("unpark", || caller.unpark());
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

/// One thread parks for a time, and another calls it, and once more when it has seen the first
/// call. The time may pass at any moment: then the call that is owed stays for the next park.
pub(super) fn a_call_and_a_time_out(steps: &Steps) {
    every_order(
        steps,
        "one thread parks for a time, and is called, twice",
        2,
        "sleeper",
        moral_of_a_time_out,
        || {
            let (ours, theirs) = (Arc::new(Parker::new()), Arc::new(Parker::new()));
            let called = Arc::new(Tally::new());
            let (sleeper, answered) = (Arc::clone(&ours), Arc::clone(&theirs));
            let calling = Arc::clone(&called);
            let caller = thread("caller", move || {
                for _ in 0..2 {
                    calling.add_one();
                    rings("unpark", || sleeper.unpark());
                    calls("park", || answered.park());
                }
            });
            for calls_by_now in 1..=2 {
                if !calls("park_timeout", || ours.park_timeout(AN_HOUR)) {
                    calls("park", || ours.park());
                }
                must_see(
                    &called,
                    calls_by_now,
                    "a park told of a call, and nobody had called `unpark` since the last one",
                );
                rings("unpark of the caller", || theirs.unpark());
            }
            caller.join().expect("no panic");
        },
    );
}
