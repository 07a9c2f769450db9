//! What `just check lesson-07` holds your library and your program to.
//!
//! Most checks call your functions directly, in a process of their own, and play the stranger on
//! the other side of the contract: an executor to your futures, a future to your executor.

#[path = "grade/executor.rs"]
mod executor;
#[path = "grade/futures.rs"]
mod futures;
#[path = "grade/parking.rs"]
mod parking;
#[cfg(feature = "model")]
#[path = "grade/std_sync_scan.rs"]
mod std_sync_scan;
#[cfg(feature = "model")]
#[path = "grade/stories.rs"]
mod stories;
#[path = "grade/strangers.rs"]
mod strangers;

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Explain, check};

/// `block_on` returns what the future is ready with, whatever that is, and asks no more.
///
/// # Hint
/// `poll` wants a `Pin<&mut F>`: the macro `std::pin::pin!` makes one of a future that you own.
///
/// # Hint
/// `Poll::Ready(output)` is the end of the loop: `match` on what one `poll`
/// returned, and return the output.
#[test]
fn returns_what_a_ready_future_holds() {
    check(|c| {
        let value = c.payload(16);
        c.isolated(|steps| executor::returns_the_value(steps, value)).explain(
            "`block_on` comes to an end when its future is ready, even when the future wakes its own task first",
            "the value is there, and the thread sleeps or spins all the same: it sleeps before it has polled, or a \
             call that came during the poll is forgotten by the sleep after it",
            "what your loop does before its first poll, and what it does with what `poll` returned",
        )
    });
}

/// An `unpark` that comes before the `park` ends it all the same: the park returns at once.
///
/// # Hint
/// The sleeper may be late: it has polled, and is on its way to sleep. What does the
/// caller leave behind for it?
///
/// # Hint
/// A `bool` in a `Mutex`: `unpark` sets it and rings the condition variable. `park` looks
/// first whether it is set.
#[test]
fn a_wake_before_the_park_is_not_lost() {
    check(|c| {
        c.isolated(parking::is_called_before_it_parks).explain(
            "a `park` that comes after the `unpark` returns at once",
            "between a poll and the sleep after it there is time for a wake. A bell that nobody can hear yet is lost, \
             unless whoever rings it also leaves word",
            "what `unpark` changes that a later `park` can see",
        )
    });
}

/// A park with a time-out ends when its time is over, and sooner when somebody calls. It takes the
/// call either way, and several calls that nobody has taken are one.
///
/// # Hint
/// Whoever leaves the sleep clears the flag, whether or not there was a time-out.
///
/// # Hint
/// `Condvar::wait_timeout_while` sleeps while a condition holds, and not longer than it is told.
#[test]
fn a_time_out_ends_the_park_and_a_call_ends_it_sooner() {
    check(|c| {
        c.isolated(parking::parks_for_a_time).explain(
            "`park_timeout` comes back when its time is over, and at once if somebody has called before",
            "a park that ignores its time-out sleeps for ever; and so, or nearly so, does one with a time-out that \
             does not look first whether somebody has called",
            "how your sleep ends when its time is over, and what it looks at before it begins",
        )
    });
}

/// The future is polled once at the start, and once for each wake. Never just in case.
///
/// # Hint
/// After `Pending` there is nothing to do but to sleep in your parker, without a time-out.
///
/// # Hint
/// `Poll::Pending => parker.park()`, in the loop around `poll`: that is all.
///
/// # Hint: nobody was called, or nobody looked
/// Its last line says which of its futures was pending. Who has that one's waker, and on
/// which thread is it called?
#[test]
fn polls_only_when_woken() {
    check(|c| {
        c.isolated(executor::is_woken_three_times).explain(
            "`block_on` polls again after each call of its waker",
            "a call is a promise that a poll is worth while. An executor that sleeps on, or whose waker leads \
             somewhere else, never learns that its future is ready",
            "what your waker does, and what that changes for the thread in `park`",
        )?;
        executor::polls_the_program_three_times(|millis| c.spawn(cargo_bin!(), &[millis]))
    });
}

/// While its future is pending, the thread sleeps in the kernel, and costs nothing.
///
/// # Hint
/// `loop { poll }` answers fastest of all, and takes a whole core for it. Who can tell you
/// when it is worth asking?
///
/// # Hint
/// A condition variable's `wait` is a system call, `futex`: the thread is off the
/// processor until it is woken.
#[test]
fn sleeps_between_wakes() {
    check(|c| {
        let waiting = c.start_isolated(executor::is_never_woken)?;
        let begun = waiting.says("of the step", |line| {
            line.contains("nobody wakes").then_some(())
        });
        begun.and_then(|()| waiting.idles_in(&[Call::Futex])).explain(
            "between two wakes the thread of `block_on` is asleep, at no cost",
            "a thread that spins in a loop, or sleeps a little and looks again, takes the processor from those who \
             have something to do. The waker is there so that nobody has to look",
            "what your executor does after `Pending`, and what `park` does while nobody has called",
        )
    });
}

/// Whoever returns `Pending` has left a waker with somebody, or has called it already.
///
/// # Hint
/// `Pending` means: "I have seen to it that you will be called". Who will call, and with what?
///
/// # Hint
/// `YieldNow` calls `cx.waker().wake_by_ref()` itself. `Delay` leaves `cx.waker().clone()`
/// where its thread finds it.
#[test]
fn pending_always_leaves_a_waker_behind() {
    check(|c| {
        c.isolated(futures::leave_a_waker).explain(
            "after `Pending`, somebody holds a waker or has called it, and calls it when it is time to poll again",
            "`Pending` is a promise: \"you will be called\". The executor believes it and goes to sleep; a promise \
             without a waker is a task that sleeps for ever",
            "every place where your futures return `Pending`: who has a waker at that moment?",
        )
    });
}

/// When a future is polled again with another waker, that is the one to call:
/// the task may have moved.
///
/// # Hint
/// The waker of the first poll says where the task was then. What says where it is now?
///
/// # Hint
/// Each poll that is pending replaces the waker that the thread will take:
/// `shared.waker = Some(cx.waker().clone())`.
#[test]
fn the_latest_waker_is_the_one_called() {
    check(|c| {
        c.isolated(futures::are_moved).explain(
            "the waker of the latest poll is called, and no earlier one in its place",
            "a task can move between two polls: to another thread, or into a future that wraps it and has wakers of \
             its own. Calling where it used to be wakes nobody",
            "what a second poll of your Delay does with its waker",
        )
    });
}

/// What a wake announces is there when the wake comes: whoever polls at once finds the future
/// ready.
///
/// # Hint
/// Which comes first in your thread: saying that the time has passed, or calling the waker?
///
/// # Hint
/// Lock, set the flag, take the waker out, unlock; then wake.
#[test]
fn a_wake_finds_the_future_ready() {
    check(|c| {
        c.isolated(futures::are_polled_while_they_wake).explain(
            "a future that is polled within the call of its waker is ready, or is called again later",
            "the call may be answered by a poll at once, on another core, before your thread has run one more line. \
             That poll finds only what was stored before the call, and there is no second call",
            "the order of two lines in your Delay's thread",
        )
    });
}

/// A waker may be called at any time and any number of times, even when its `block_on`
/// has long since returned.
///
/// # Hint
/// Whoever holds a waker cannot know whether anybody still needs it. What
/// happens in your `unpark` then?
///
/// # Hint
/// The waker owns an `Arc` of the parker, so the parker is still there. A flag that
/// is set already stays set.
#[test]
fn a_wake_after_completion_is_harmless() {
    check(|c| {
        c.isolated(executor::is_woken_late)
            .explain_by(executor::late)
    });
}

/// A sleeping thread can be woken by anybody who knows it. Only a call of the waker counts.
///
/// # Hint
/// `std::thread::park` returns when *anyone* unparks the thread, or for no reason at all.
/// How do you know who it was?
///
/// # Hint
/// Sleep in your own parker, and there in a loop: after each return look whether the flag is set.
#[test]
fn a_foreign_unpark_is_not_a_wake() {
    check(|c| {
        c.isolated(executor::is_pestered).explain(
            "the end of a sleep that nobody has called for is no wake, and the call that comes after it is one",
            "what woke the thread was not for you, and the thread goes back to sleep. The call that is for you must \
             still find it: that call sets what you look at, and then ends the sleep",
            "what your executor looks at when its sleep has ended, and who sets that",
        )
    });
}

/// In whatever order the steps of the threads come, no call is lost. Some two thousand orders
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
