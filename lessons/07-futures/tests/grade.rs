//! What `just check lesson-07` holds your library and your program to.
//!
//! Most checks call your functions directly, in a process of their own, and play the stranger on
//! the other side of the contract: an executor to your futures, a future to your executor. They
//! stand in modules, in the order in which they are judged; the last one stands here.

#[path = "grade/parking.rs"]
mod parking;

#[path = "grade/running.rs"]
mod running;

#[path = "grade/futures.rs"]
mod futures;

#[path = "grade/delays.rs"]
mod delays;

// What the checks are made of.
#[path = "grade/executor.rs"]
mod executor;
#[cfg(feature = "model")]
#[path = "grade/morals.rs"]
mod morals;
#[cfg(feature = "model")]
#[path = "grade/std_sync_scan.rs"]
mod std_sync_scan;
#[cfg(feature = "model")]
#[path = "grade/stories.rs"]
mod stories;
#[path = "grade/strangers.rs"]
mod strangers;

#[cfg(feature = "model")]
use grader::{Explain, check};

/// In whatever order the steps of the threads come, no call is lost. Some three thousand orders
/// are tried, on a model of your parker, which can follow what the parker takes from
/// `super::sync` and nothing else.
///
/// # Hint
/// Read the story from its end: who sleeps, and which step has called it too early? Which two steps
/// of the sleeper lie on either side of that call?
///
/// # Hint
/// Looking at the flag and beginning the sleep must be one step to everybody else:
/// `Condvar::wait` takes the guard of the lock that you looked under, and gives the lock up
/// only when the thread sleeps.
///
/// # Hint
/// With an atomic instead: first say that you sleep, and then look; the caller first sets the flag,
/// and then looks who sleeps. `swap` on both sides, with `AcqRel` or `SeqCst`: what was done before
/// the call must be seen after the park, and a `compare_exchange` that fails carries nothing. Both
/// come from `super::sync`, `atomic` as well as `thread`: the model cannot see std's own.
#[test]
#[cfg_attr(not(feature = "model"), ignore = "takes a model: --features model")]
fn no_interleaving_loses_a_wake() {
    #[cfg(feature = "model")]
    check(|c| {
        stories::can_be_told()?;
        c.isolated_for_long(|steps| {
            stories::one_call(steps);
            stories::there_and_back(steps);
            stories::two_callers(steps);
            stories::a_call_and_a_time_out(steps);
            Ok(())
        })
        .explain(
            "in every order of steps, each `park` ends with a call, and no call is lost",
            "in the model all threads of a story take turns on one thread, and only the model's own steps can be \
             interrupted. What ends that thread, as a panic does, or puts it to sleep, as a wait of `std`'s own would, \
             is not a step of the model",
            "the panic, if the line above tells of one; otherwise what your parker waits with, which has to come from \
             `super::sync`",
        )
    });
}
