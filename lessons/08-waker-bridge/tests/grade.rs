//! What `just check lesson-08` holds your program to.
//!
//! # Hint: this check stops and continues your program
//! The call that waits for events has failed with the kind Interrupted, and that ended your
//! program. It means that the sleep is over, and that nothing has happened. What would you do if
//! the call had returned without an event?
//!
//! # Hint: `Option::unwrap()` on a `None` value
//! An event may find the slot empty: nobody has asked yet, or the waker was taken by the event
//! before. That is nobody's mistake, and nothing has to be done.
//!
//! # Hint: panicked at
//! A panic names its place, and it stands under *saw*. Which value was `None` or `Err` there, or
//! which index was out of range? Can that happen with clients that do nothing wrong?
//!
//! # Hint: To a read, WouldBlock is an error like any other
//! `?` makes no difference between WouldBlock and a failure. A `match` on `error.kind()` does.
//!
//! # Hint: it is busy although its future is pending
//! Three things can turn your loop: a time-out of zero, a bell that is never cleared, and a future
//! that calls its own waker. The end of its log says which.

#[path = "grade/chain.rs"]
mod chain;
#[path = "grade/executor.rs"]
mod executor;
#[path = "grade/future.rs"]
mod future;
#[path = "grade/on_the_spot.rs"]
mod on_the_spot;
#[path = "grade/program.rs"]
mod program;
#[path = "grade/turns.rs"]
mod turns;
#[path = "grade/wire.rs"]
mod wire;

use assert_cmd::cargo::cargo_bin;
use grader::{Explain, Seen, check};

/// Bytes arrive: the turn calls the waker, once, and leaves every byte where it is.
/// The next poll reads them.
///
/// # Hint
/// Two functions deal with an event, and they never meet. One of them knows that something has
/// happened, the other what to do about it.
///
/// # Hint
/// `turn` takes the waker out of the slot and calls it. It needs no socket for
/// that, and it was given none.
///
/// # Hint
/// `poll` reads first. Only when the answer is WouldBlock does it leave `cx.waker().clone()` in the
/// slot and return `Pending`.
#[test]
fn the_future_reads_and_the_turn_only_wakes() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| future::is_woken_and_then_reads(steps, &bytes))
        .explain(
            "when bytes come, `turn` wakes exactly once and touches none of them; the poll that follows reads them",
            "the event says only that a read is worth while. Whose bytes they are, and into which buffer they go, is \
             the future's knowledge. A handler that reads has to put them somewhere, and has to guess where",
            "what `turn` does with an event",
        )
    });
}

/// Bytes that came before the first poll are read by it, even when their event came and went
/// while the slot was empty.
///
/// # Hint
/// An edge is told once. What if it is told before anybody has left a waker?
///
/// # Hint
/// Do not wait for an event that may be over. Ask the socket first: it knows.
#[test]
fn data_that_came_before_the_first_poll_is_not_lost() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| future::finds_what_came_before_its_first_poll(steps, &bytes))
        .explain_when(
            Seen::Panic("on a `None` value"),
            "the event came before anybody had polled, so the slot was empty. That is nobody's mistake: the bytes are in the \
             socket, and the first poll will find them there. An empty slot means that there is nobody to call",
            "what `turn`, or the slot, does when there is no waker",
        )
        .explain(
            "the first poll reads what is there, although the event for it was dispatched when nobody had left a waker",
            "the edge is spent, and no other will come for these bytes. A future that waits for an event before it \
             reads for the first time waits for something that is over",
            "what the future does first when it is polled",
        )
    });
}

/// A wake is a hint and no promise: the bytes may be gone when the poll comes. Then the future is
/// pending again, with its waker left behind again.
///
/// # Hint
/// Between the event and the poll somebody else may have read: the kernel's answer to
/// your read is the only truth.
///
/// # Hint
/// There is no difference between a first poll and a later one: each reads,
/// and each may be refused.
#[test]
fn a_wake_without_data_goes_back_to_pending() {
    check(|c| {
        let (gone, kept) = (c.payload(100), c.payload(50));
        c.isolated(|steps| future::finds_nothing_after_a_wake(steps, &gone, &kept))
        .explain(
            "a poll that was woken and finds nothing is pending, and is woken by the next bytes",
            "between the event and the poll time passes, and somebody else may have read. WouldBlock is then as \
             ordinary an answer as it was the first time, and it has to be dealt with in the same way",
            "what your future does with WouldBlock when it was polled before",
        )
    });
}

/// What works for the first message works for every other: each time that the future is
/// pending, a waker is left.
///
/// # Hint
/// An event takes the waker out of the slot. Who puts the next one in?
///
/// # Hint
/// Leave a waker at each refused read, not only at the first one of a future or of a reader.
#[test]
fn the_second_message_wakes_it_again() {
    check(|c| {
        let messages = [c.payload(100), c.payload(1), c.payload(3000)];
        c.isolated(|steps| future::is_woken_each_time(steps, &messages))
        .explain(
            "three messages, each read by a future of its own: each of them wakes, and each is read",
            "a wake uses the waker up. One that is left once and for all serves one message; at the second the event \
             finds an empty slot, or a waker that nobody answers to any more",
            "when a waker is put into the slot, and what becomes of it at an event",
        )?;
        c.isolated(|steps| future::reads_by_the_byte(steps, &messages[0])).explain(
            "two messages are read with a buffer of one byte: each byte of them by a future of its own, after one wake",
            "one event stands for all the bytes that came with it. What a read leaves in the socket is read by the next \
             poll, without a further event: none will come for it",
            "what your future does before it returns, and whether it waits although it has not been refused",
        )
    });
}

/// Polled again with another waker, as when its task has moved, the future is
/// woken through the later one.
///
/// # Hint
/// Every poll brings a context with a waker, and it may be another one each time. Which of
/// them does the slot hold?
///
/// # Hint
/// Put the waker in whether there is one already or not.
#[test]
fn the_latest_waker_is_the_one_called() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| future::is_woken_where_it_is_now(steps, &bytes))
        .explain(
            "a future that was polled with two different wakers is woken through the later one",
            "a waker says where the task is to be found, and tasks move: from a `select` to a `join`, from one thread \
             to another. An old one rings at an empty house",
            "what happens in the slot when it is not empty",
        )
    });
}

/// `run` polls once to begin with, and then only after a wake. An event that wakes somebody
/// else is no reason to poll.
///
/// # Hint
/// Two things can bring `turn` back: an event for your future, or anything else. How
/// does `run` tell them apart?
///
/// # Hint
/// The future's waker rings the bell. Turn the bridge until the bell has rung, and poll only then.
#[test]
fn polls_once_per_wake() {
    check(|c| {
        let steps = c.start_isolated(executor::gets_three_messages_and_no_more)?;
        executor::comes_to_rest(&steps).explain(
            "`run` polls once to begin with, and once after each of three wakes",
            "a wake is a promise to poll. An executor that turns again without a look at the bell sleeps through it, \
             and the bytes that came are never read",
            "what the future's waker does, and when `run` looks at that",
        )
    });
}

/// A wake that comes while the poll still runs is followed by another poll,
/// although no event will come.
///
/// # Hint
/// Who may call a waker? Anybody, at any time: even the future itself, before its poll has
/// returned.
///
/// # Hint
/// A bell that has rung is to be answered before the thread sleeps. When do you look at
/// it, and when is it cleared?
///
/// # Hint
/// Look at the bell and clear it in one step (`swap`). What rang before the poll was answered by
/// the poll; what rang since then was not.
#[test]
fn a_wake_during_the_poll_is_not_lost() {
    check(|c| {
        c.isolated(executor::is_woken_during_its_poll).explain(
            "a future that was woken during its poll is polled again, without an event",
            "a wake is a promise to poll. An executor that clears the bell after the poll throws away what rang \
             meanwhile, and then sleeps through it",
            "when `run` clears the bell, and when it looks at it",
        )
    });
}

/// Between two messages the program sleeps in epoll_wait and does not wake once.
///
/// # Hint
/// Nothing has to be looked at while nothing happens. Which time-out does `run` give to `turn`?
///
/// # Hint
/// `None` is for ever. The kernel ends the sleep when there is something, so nothing is missed.
#[test]
fn sleeps_between_events() {
    check(|c| {
        let program = c.start(cargo_bin!())?;
        program::sleeps_before_and_after(c, &program)
    });
}

/// The log of a whole conversation tells the steps in an order in which they can have been taken.
///
/// # Hint
/// The first poll reads, is refused, leaves its waker and is pending. Then the thread
/// sleeps; the event wakes; the wake leads to a poll. It is a circle, and the last time
/// around it ends in `done`.
///
/// # Hint
/// Log each step where it is taken: `would-block` and `register` in the future's poll, `event` in
/// the turn. The other lines are logged for you.
///
/// # Hint
/// In this program nobody but the turn needs to call the waker. A future that wakes itself to be
/// polled again is a busy loop in disguise.
#[test]
fn tells_the_chain_in_order() {
    check(|c| {
        let program = c.start(cargo_bin!())?;
        program::tells_the_chain(c, &program)
    });
}

/// Last words and goodbye that come in one edge: every byte is read, then the goodbye,
/// and the program ends well.
///
/// # Hint
/// A read of 0 bytes is an answer like any other, and your future is ready with it.
///
/// # Hint
/// `Ok(0)` is not WouldBlock. Nothing will ever follow it, so there is nothing to wait for.
#[test]
fn ends_at_eof() {
    check(|c| {
        let program = c.start(cargo_bin!())?;
        program::hears_the_goodbye(c, &program)?;
        program::hears_who_never_stayed(c, cargo_bin!())
    });
}

/// A client that resets its connection is lost: the read is an error, the log has no `done`, and
/// the exit code is not 0.
///
/// # Hint
/// `ReadSome` is ready with an `io::Result`. For which errors of the read is it pending?
///
/// # Hint
/// Only WouldBlock means `nothing yet`. Any other error is an answer, and the only one of its kind.
#[test]
fn a_reset_is_no_goodbye() {
    check(|c| {
        c.isolated(future::is_told_of_a_reset).explain(
            "when the client has reset its connection, the future is woken, and ready with the error of its read",
            "the read that meets a reset returns an error, once; the next one says 0 bytes. An error that is taken for \
             `nothing yet`, or dropped, is lost for good",
            "what your future does with an error that is not WouldBlock",
        )?;
        program::is_lost_by_a_reset(c, cargo_bin!())
    });
}

/// The program goes on after it was stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// The call that waits for events may fail with an error of the kind Interrupted.
///
/// # Hint
/// It means that nothing has happened yet. `turn` may return without an event,
/// so that is what it does.
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let program = c.start(cargo_bin!())?;
        program::goes_on_after_a_stop(c, &program)
    });
}
