//! What `just check lesson-06` holds your program to.
//!
//! Longer than others: a list of checks, each with its card, and nothing else.
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
//! bytes, at a client? Then look at your read. One event may stand for several of either.

#[path = "grade/descriptors.rs"]
mod descriptors;
#[path = "grade/edges.rs"]
mod edges;
#[path = "grade/goodbyes.rs"]
mod goodbyes;
#[path = "grade/tokens.rs"]
mod tokens;

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{check, departures, echo, memory, rest};

/// Whatever a client sends comes back: every byte, in order, however much it is.
///
/// # Hint
/// A read gives you some of the bytes and says how many. Write exactly those back.
///
/// # Hint
/// A write takes some of the bytes and says how many. What it did not take still has to go
/// out before anything newer.
///
/// # Hint: has taken something else for the goodbye
/// What ends the serving of a client? Only a read of 0 bytes is its goodbye. An empty
/// answer to one event is not.
#[test]
fn echoes_every_byte_back() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)
    });
}

/// One thread, and mio: the listener is registered under `Token(0)`.
///
/// # Hint: who starts threads
/// Nothing has to be started for a client: no thread, no second `Poll`.
///
/// # Hint
/// The kernel lists what is registered, with the token as `data`: `grep tfd /proc/PID/fdinfo/*`.
#[test]
fn uses_mio_with_the_listener_at_token_zero() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        tokens::listener_has_zero(c, &server)
    });
}

/// Five clients that connect in the same moment are five clients, although the kernel
/// tells of them only once; and so are as many as the backlog takes.
///
/// # Hint
/// The listener's event says that clients wait, not how many.
///
/// # Hint
/// Accept again and again until the answer is WouldBlock. Only then is another event owed to you.
#[test]
fn accepts_every_pending_client() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        edges::of_five_connects(c, &server)?;
        edges::of_a_full_backlog(c, &server)
    });
}

/// 100 KiB that arrive in one moment are all read, although the kernel tells of them only once;
/// and so are as many bytes as the kernel takes.
///
/// # Hint
/// A client's event says that bytes wait, not how many.
///
/// # Hint
/// Read again and again until the answer is WouldBlock, even if your buffer is small.
#[test]
fn reads_until_would_block() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        edges::of_many_bytes(c, &server)?;
        edges::of_a_full_queue(c, &server)
    });
}

/// The last bytes and the goodbye that follows them are both heard when they arrive in one moment.
///
/// # Hint
/// One event may stand for bytes and for the goodbye behind them.
///
/// # Hint
/// A read that fills only a part of your buffer was not the last one. What comes
/// after it may be the goodbye.
#[test]
fn hears_the_last_bytes_and_the_goodbye_in_one_edge() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        edges::of_bytes_and_a_goodbye(c, &server)
    });
}

/// A new client and an old client's bytes that arrive together are both dealt with.
///
/// # Hint
/// One call of `Poll::poll` returns as many events as there are. Which of them do you look at?
///
/// # Hint
/// Go through all events of a call before you wait again, whichever of them the first one is.
#[test]
fn acts_on_every_event_of_a_call() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        edges::of_several_sockets(c, &server)
    });
}

/// A socket that is full refuses bytes; they are kept, go out when it has room again, and
/// nobody else waits for that.
///
/// # Hint
/// Send a lot to your server and do not read. Sooner or later its `write`
/// takes less than you gave it.
///
/// # Hint
/// Keep the rest with the client it belongs to, and write it when that client's socket is writable.
///
/// # Hint
/// Are you registered for writable events? Nothing else tells you that there is room again.
#[test]
fn finishes_a_partial_write() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::keeps_what_a_full_socket_refused(c, &server)
    });
}

/// A client that says goodbye while bytes for it are pending gets them first.
///
/// # Hint
/// The goodbye (a read of 0 bytes, or an event that says so) is about what the client sends,
/// not about what it reads.
///
/// # Hint
/// Hang up once nothing is pending any more.
///
/// # Hint: rang no bell of its own
/// You have stopped reading while something was pending, and the goodbye came meanwhile. Once the
/// last pending byte is written, read again: nobody will tell you to.
#[test]
fn keeps_pending_bytes_when_the_client_half_closes() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        goodbyes::before_the_last_bytes(c, &server)
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
///
/// # Hint: and the edge for them is long gone
/// Once the pending bytes are written, read again at once: the edge for what has
/// arrived meanwhile is gone.
#[test]
fn stops_reading_from_a_client_that_never_reads() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let why = "bytes of this client lie unread, and the edge for them is long gone: the server has stopped reading, for a \
                   full socket or after so many rounds, and nothing makes it start again. Only the writable event comes, and \
                   only after a full socket";
        let look = "what ends the reading of one client, and what happens once the pending bytes have been written: do you \
                    read again without waiting for an event?";
        echo::stops_reading_from_a_client_that_never_reads(c, &server, why, look)
    });
}

/// A client that leaves by a reset takes nobody with it.
///
/// # Hint
/// A read or a write may fail with ConnectionReset or BrokenPipe at any time.
///
/// # Hint
/// An error of one client ends that client. Only errors of the `Poll` itself may end the server.
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
/// while its bytes lie unread, while its socket is full. Each time the server rests afterwards,
/// keeps nothing of that client, and serves the others as quickly as before.
///
/// # Hint
/// Two things come together here. The failure says which two: what does each of your calls answer
/// then, `accept`, `read`, `write`?
///
/// # Hint
/// A write that fails with anything but WouldBlock has lost its client: let go of its socket.
///
/// # Hint
/// While bytes are pending, ask for nothing but room for them.
#[test]
fn survives_clients_that_leave_at_any_moment() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        departures::are_survived(c, &server, goodbyes::SERVER)
    });
}

/// A thousand clients come and go, some with a goodbye and some without, and nothing of them is
/// left: no open file, no registration.
///
/// # Hint
/// A socket is closed when its last owner is dropped. Who lets go of it when a read says
/// 0, and who when it fails?
///
/// # Hint
/// Look at what is left: `ls -l /proc/PID/fd` and `grep tfd /proc/PID/fdinfo/*`.
///
/// # Hint: an index into a list that has become shorter
/// Somebody has gone, and something still speaks of them: an answer from before, a token, an index.
/// What does your program do then?
#[test]
fn deregisters_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::forgets_clients_that_left(&server, 1000)
    });
}

/// Twelve thousand short clients leave nothing behind in the server's memory.
///
/// # Hint
/// Which of your collections get longer when a client comes? Where does each get shorter?
///
/// # Hint
/// An entry that is only marked as free, and a list of numbers that may be used again, are kept
/// too. How long can they get?
#[test]
fn keeps_nothing_of_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        memory::nothing_is_kept_of_clients_that_left(c, &server)
    });
}

/// Three connect, the first leaves, a fourth comes: each of the three gets its own bytes. So does
/// each of many clients, and each of two whose ports have the same number.
///
/// # Hint
/// Which token does the fourth get? Who else has it?
///
/// # Hint
/// A counter that only ever goes up never gives a token twice.
#[test]
fn never_confuses_two_clients() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        tokens::are_never_shared(c, &server)?;
        tokens::are_not_made_of_ports(c, &server)
    });
}

/// Out of file descriptors, the server goes on serving the clients it has, burns nothing,
/// and takes in those who wait when descriptors are free again, though no new client
/// comes to remind it of them.
///
/// # Hint
/// `accept` fails with EMFILE. Nobody is to blame, and nothing is over: the client
/// still waits in the backlog.
///
/// # Hint
/// The listener's edge is spent and no other will come for those who wait already.
/// Remember that an accept is due.
///
/// # Hint
/// Trying again at once burns a core. `Server::wait` takes a time-out: use one while an accept is
/// due, and only then. A few times a second is often enough.
#[test]
fn survives_running_out_of_file_descriptors() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        descriptors::run_out(c, &server)
    });
}

/// A thousand clients who say nothing cost nothing: the program sleeps in
/// epoll_wait and does not wake once.
///
/// # Hint
/// Which time-out do you give to `Poll::poll`? When nothing is due, none is needed.
///
/// # Hint
/// Look from outside: `cat /proc/PID/syscall` and `grep ctxt /proc/PID/status`, twice.
///
/// # Hint: it spins
/// Some call returns at once, again and again. `strace -p PID` says which: `Poll::poll` with a
/// time-out of zero, a read after WouldBlock, an accept that fails?
#[test]
fn idle_costs_nothing() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        rest::sleeps_with_silent_clients(c, &server, 1000, &[Call::Epoll])
    });
}

/// The program goes on after it was stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// `Poll::poll` may return an error of the kind Interrupted.
///
/// # Hint
/// `Server::wait`, which you were given, knows it already. Is that the one you call?
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        rest::survives_suspend_and_resume(c, &server, &[Call::Epoll])
    });
}
