//! What threads do with parkers, to be told in every order.

use std::sync::Arc;

use futures_by_hand::model::{Parker, SOURCE};
use grader::model::{Ending, Tally, calls, every_order, must_see, rings, thread};
use grader::{Checked, Explain, Explanation, Failure, Steps};

use crate::std_sync_scan::{FromStd, first_from_std};

const EXPECTED: &str = "in every order of steps, each `park` ends with a call, and no call is lost";

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
         threads. This says nothing about your parker: it may well be right",
        "the `use` lines of parker.rs. `super::sync` has `Mutex`, `Condvar`, `atomic` and `thread`, each under the \
         name that it has in std",
    )
}

/// What is to be learned from a story that ended badly.
fn moral(ending: &Ending) -> Explanation {
    let (expected, why, look) = match ending {
        Ending::Unheard => (
            EXPECTED,
            "a call has met nobody asleep, and the sleep has begun all the same. Either the call has left nothing that \
             could be seen; or the look was older than the call: between looking and going to sleep there is a gap, \
             unless a lock covers both, and the caller has to take that lock too",
            "the two lines of the sleeper that have the call between them; and whether the flag can be taken down by \
             somebody who then sleeps",
        ),
        Ending::BackToSleep => (
            EXPECTED,
            "the call came through, and the one it woke saw no reason to stay awake: what a call leaves behind was not \
             there yet, or somebody had taken it already. Nobody calls a second time",
            "which comes first in `unpark`, the flag or the bell; and who takes the flag down",
        ),
        Ending::Silent => (
            EXPECTED,
            "a sleeper has to be woken, and that somebody was woken earlier does not help it now. The last caller rang \
             nothing: it took the sleeper to be awake, or another call had taken away what it would have woken the \
             sleeper by",
            "what your `unpark` wakes the sleeper by: who takes that out, and whether the sleeper puts it back before \
             each sleep",
        ),
        Ending::Hidden => (
            "whoever returns from `park` sees all that was done before the `unpark` that ended it",
            "a flag that is set without Release, or read without Acquire, tells that something has happened and carries \
             nothing with it: on some machines the news arrives later than the flag",
            "the orderings on the two sides of your flag: Release where it is set, even where it was set already; \
             Acquire where it is taken",
        ),
        Ending::Uncalled => (
            EXPECTED,
            "a sleeper does not see that a flag has changed: it has to be woken. In this order the caller did not do \
             that, because it took the sleeper to be awake, or because it never does; and the sleeper's last look is \
             older than the flag",
            "what has to hold before your `unpark` rings; and between which two lines of `park` the call came",
        ),
        Ending::Locked { .. } => (
            "nobody keeps a lock while it waits for something else",
            "a lock that is held during a wait for another one, or while the same one is locked again, is never given \
             up. The sleep in a condition variable gives up the one guard it was handed, and no other",
            "where the guard that this line waits for is dropped",
        ),
        Ending::Endless => (
            "a thread that nobody has called sleeps",
            "it asks again and again, and nothing tells it to wait for the answer. The model runs one thread at a \
             time: a thread that never sleeps never lets the caller run",
            "the loop whose steps the story repeats",
        ),
        Ending::Broken(_) => (
            "each `park` ends with a call, and with nothing else",
            "a sleep may end for no reason, and then nobody has called. Only what the call has left behind says that \
             there was one",
            "what your `park` does when its sleep has ended",
        ),
        Ending::Unseen => (
            EXPECTED,
            "the model tries every order of the steps that it knows, and it knows those of its own locks, atomics and \
             threads. It has met none of them, so nothing was tried",
            "where your parker takes what it waits with: `super::sync` is the place",
        ),
    };
    Explanation {
        expected,
        why,
        look,
    }
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
