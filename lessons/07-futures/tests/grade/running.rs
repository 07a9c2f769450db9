//! How `block_on` runs a future: when it polls, when it sleeps, and whom it believes.

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Cause, Explain, check};

use super::executor;

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

/// While its future is pending, the thread sleeps in the kernel, without a time-out, and costs
/// nothing.
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
        let idle = begun.and_then(|()| waiting.idles_in(&[Call::Futex]));
        let timed = idle.explain_when(
            Cause::TimeOut,
            "a sleep that ends by itself, in case a call was missed, hides that calls are missed, and makes each of them a \
             second late. And every idle task of the program gets up to find out that there is nothing",
            "with which of the parker's two parks your executor sleeps, and for how long",
        );
        timed.explain(
            "between two wakes the thread of `block_on` is asleep, at no cost",
            "a thread that spins in a loop, or sleeps a little and looks again, takes the processor from those who \
             have something to do. The waker is there so that nobody has to look",
            "what your executor does after `Pending`, and what `park` does while nobody has called",
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

/// A sleeping thread can be woken by anybody who knows it. Only a call of the waker counts, and a
/// time-out does not begin anew.
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
        c.isolated(executor::is_pestered)
            .explain_by(executor::pestered)
    });
}

/// A `block_on` may stand inside a poll of another one, on the same thread. Each has calls of its
/// own, and takes no other.
///
/// # Hint
/// A waker leads to one task. Whose park ends when the other's waker is called?
///
/// # Hint
/// One parker for each `block_on`: then nobody else can take its calls.
#[test]
fn a_block_on_inside_another_takes_none_of_its_calls() {
    check(|c| {
        c.isolated(executor::is_nested).explain(
            "a task that was woken is polled again, whatever else its thread has slept for meanwhile",
            "two `block_on` on one thread are two tasks. If they share a parker, the inner one's sleep ends with a call that was \
             meant for the outer one, and takes it: the outer one sleeps on, and nobody calls it twice",
            "how many parkers a thread has, and who sleeps in them",
        )
    });
}
