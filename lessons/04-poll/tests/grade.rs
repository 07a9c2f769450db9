//! What `just check lesson-04` holds your program to.
//!
//! # Hint: this check stops and continues your program
//! The call that waits for events has failed with the kind Interrupted, and that ended your
//! program. It means that the sleep is over, and that nothing has happened. What would you do if
//! the call had returned without an event?
//!
//! # Hint: panicked at
//! A panic names its place, and it stands under *saw*. Which value was `None` or `Err` there, or
//! which index was out of range? Can that happen with clients that do nothing wrong?
//!
//! # Hint: a program that has ended serves nobody
//! Your program has ended, and what it said last stands under *saw*. Whose error was it: one
//! client's, or the program's own? Only the second kind may go up to `main`.
//!
//! # Hint: asleep in that call, a thread hears of one thing only
//! One call may put the thread to sleep: the one that waits for everybody. What you accept blocks
//! until you say otherwise, and so does a listener.
//!
//! # Hint: is answered with WouldBlock
//! WouldBlock is an answer of `write` too. The client is not lost: its socket is full. Keep what
//! was not taken, and come back to it when there is room.
//!
//! # Hint: a client that has connected and gets no answer
//! The autopsy says who waits. Is it clients, at the listener? Then look at your accept. Is it
//! bytes, at a client? Then look at your read.

#[path = "grade/departures.rs"]
mod departures;
#[path = "grade/lists.rs"]
mod lists;
#[path = "grade/questions.rs"]
mod questions;

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{amounts, check, echo, memory, rest};

/// Fifty clients are served by one thread, whichever of them is ready: every byte comes back to
/// the client that sent it. So are as many as the backlog takes.
///
/// # Hint
/// Make a list of everyone you want to hear of, the listener among them, and give it to `poll`.
///
/// # Hint
/// `poll` answers inside your list: look at `revents` of every entry. The number that it returns
/// says only how many of them are not empty.
///
/// # Hint: who starts threads
/// Nothing has to be started for a client: a socket and an entry in the list are all it needs.
#[test]
fn echoes_to_many_clients_on_one_thread() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        lists::have_room_for_fifty(c, &server)?;
        lists::have_room_for_a_full_backlog(c, &server)
    });
}

/// A hundred clients who say nothing cost nothing: the program sleeps in `poll` and does not wake
/// once. Neither does it before the first client has come, nor after the last has left. It goes on
/// so after it was stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// Which time-out do you give to `poll`? As long as nothing else is due, none is needed.
///
/// # Hint
/// Look from outside, twice: `cat /proc/PID/syscall` and `grep ctxt /proc/PID/status`.
#[test]
fn sleeps_in_poll_until_something_happens() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        questions::sleep_without_clients(&server, "before the first client has come")?;
        rest::sleeps_with_silent_clients(c, &server, 100, &[Call::Poll])?;
        questions::sleep_without_clients(&server, "after the last client has left")?;
        rest::survives_suspend_and_resume(c, &server, &[Call::Poll])
    });
}

/// A socket that is full refuses bytes, a part of them or all; they are kept, go out when it has
/// room again, and nobody else waits for that.
///
/// # Hint
/// Send a lot to your server and do not read. Sooner or later its `write`
/// takes less than you gave it.
///
/// # Hint
/// Keep the rest with the client it belongs to. Who tells you that there is room again?
///
/// # Hint
/// An accepted socket blocks until you say otherwise: a write to a full one would put
/// everybody's thread to sleep.
#[test]
fn keeps_the_bytes_a_full_socket_refused() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::keeps_what_a_full_socket_refused(c, &server)?;
        amounts::a_write_that_takes_nothing_loses_nothing(c, &server)
    });
}

/// What the program asks about a client follows what it can do for it: room to write, only while
/// bytes are waiting for it; bytes to read, only while it would read them. Asked too much, `poll`
/// returns at once, for ever.
///
/// # Hint
/// When does a socket have room? Nearly always. When do you want to know?
///
/// # Hint
/// Decide anew before every `poll` what to ask about each client. Bytes waiting:
/// POLLOUT. None waiting: POLLIN.
///
/// # Hint
/// See what you ask: `strace -e trace=ppoll -p PID` prints your list, and the answers after the
/// `=`.
#[test]
fn asks_to_write_only_when_bytes_are_waiting() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        questions::follow_what_is_pending(c, &server)
    });
}

/// The server does not read for ever from a client that sends and never reads; when that client
/// reads at last, it gets everything.
///
/// # Hint
/// Where do the bytes that you have read and cannot write go? They must not pile up without end.
///
/// # Hint
/// Read nothing from a client while something is pending for it. Its bytes wait in the
/// kernel, and TCP slows it down.
#[test]
fn stops_reading_from_a_client_that_never_reads() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let why = "a program that stops reading must start again. Poll tells of the bytes that arrived meanwhile as soon as \
                   it is asked, and not before";
        let look = "what you ask poll about a client whose pending bytes have all been written";
        echo::stops_reading_from_a_client_that_never_reads(c, &server, why, look)
    });
}

/// A client that says goodbye while bytes for it are pending gets them first.
///
/// # Hint
/// The goodbye, a read of 0 bytes, is about what the client sends, not about what it reads.
///
/// # Hint
/// Hang up once nothing is pending any more. If you read ahead, remember until then that the client
/// has said goodbye.
///
/// # Hint
/// The end of what a client sends can be read again and again: once you have read it, ask about
/// this client no more than whether there is room.
#[test]
fn keeps_pending_bytes_when_the_client_half_closes() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        departures::before_the_last_bytes(c, &server)
    });
}

/// A client that says goodbye gets one in return and leaves the list, and its socket is closed.
/// Nobody who has left keeps the program awake, or keeps one of its descriptors.
///
/// # Hint
/// Two places know of a client: the list you give to `poll`, and whatever owns its socket.
///
/// # Hint
/// Poll tells of POLLHUP, POLLERR and POLLNVAL whether you ask for them or not. An entry with
/// nothing asked is not silent.
///
/// # Hint: it spins
/// `revents` may say several things at once, POLLIN and POLLHUP for example. Do you ask whether a
/// bit is in it, or whether it is equal to one?
///
/// # Hint: an index into a list that has become shorter
/// Somebody has gone, and something still speaks of them: an answer from before, a token, an index.
/// What does your program do then?
#[test]
fn removes_clients_that_are_done() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        departures::leave_nothing_behind(c, &server)
    });
}

/// When clients leave from the middle of the list, those behind them are still served, each with
/// its own bytes, even when it all happens between two calls of `poll` and others come meanwhile.
///
/// # Hint
/// The answers belong to the list as it was when you asked. Where is the fifth client
/// once the third is removed?
///
/// # Hint
/// Go through all the answers first and remove afterwards; or remove in an order that
/// moves nobody you still need.
#[test]
fn serves_the_right_client_after_one_in_the_middle_leaves() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        lists::shrink_in_the_middle(c, &server)
    });
}

/// A client that leaves by a reset takes nobody with it.
///
/// # Hint
/// A read or a write may fail with ConnectionReset or BrokenPipe at any time.
///
/// # Hint
/// An error of one client ends that client. Only an error of `poll` itself may end the server.
#[test]
fn survives_a_client_that_resets() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut bystander = server.connect()?;
        bystander.echo(&c.payload(100))?;
        echo::survives_a_reset(c, &server, Some(&mut bystander))
    });
}

/// A client may leave at any moment, by a goodbye or by a reset: while it waits to be accepted,
/// while its bytes lie unread, while its socket is full. Each time the program sleeps afterwards,
/// keeps nothing of that client, and serves the others as quickly as before.
///
/// # Hint
/// Two things come together here. The failure says which two: what does each of your calls answer
/// then, `accept`, `read`, `write`?
///
/// # Hint
/// A write that fails with anything but WouldBlock has lost its client: let go of its socket.
///
/// # Hint: is an answer too
/// Whatever `revents` says of a client, act on it. A read or a write tells what it means.
#[test]
fn survives_clients_that_leave_at_any_moment() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        grader::departures::are_survived(c, &server, departures::SERVER)
    });
}

/// Twelve thousand short clients leave nothing behind in the program's memory.
///
/// # Hint
/// Which of your collections get longer when a client comes? Where does each get shorter?
///
/// # Hint
/// An entry that is only marked as free is kept too. How many of them can there be?
#[test]
fn keeps_nothing_of_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        memory::nothing_is_kept_of_clients_that_left(c, &server)
    });
}
