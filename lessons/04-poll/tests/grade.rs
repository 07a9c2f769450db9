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

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Cause, Client, Explain, Stream, check, echo, rest};

/// Fifty clients are served by one thread, whoever of them is ready: every byte comes back to
/// the client that sent it.
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
        let expected = "fifty clients that all send at the same time all get their own bytes back, from one thread";
        let why = "any of those you ask about may be ready, and any number of them at once. The answers stand in the \
                   list, an answer at each entry; the number that `poll` returns says how many there are, not where";
        let look = "how you get from an answer to the client it is about";
        let mut clients = server
            .connect_many(50)
            .plainly()
            .explain(expected, why, look)?;
        let messages: Vec<_> = clients.iter().map(|_| c.payload(5_000)).collect();
        for (client, bytes) in clients.iter_mut().zip(&messages) {
            client.send(bytes)?;
        }
        let mut pairs = clients.iter_mut().zip(&messages);
        pairs
            .try_for_each(|(client, bytes)| client.expect(bytes))
            .plainly()
            .explain(expected, why, look)?;
        match server.threads().len() {
            1 => echo::comes_back(c, &server),
            n => Err(server.red(format!("{n} threads")).explain(
                expected,
                "a call that waits for everyone at once needs no helpers: threads are what it saves you",
                "who starts threads",
            )),
        }
    });
}

/// A hundred clients who say nothing cost nothing: the program sleeps in
/// `poll` and does not wake once.
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
        rest::sleeps_with_silent_clients(c, &server, 100, &[Call::Poll])
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
/// Keep the rest with the client it belongs to. Who tells you that there is room again?
///
/// # Hint
/// An accepted socket blocks until you say otherwise: a write to a full one would put
/// everybody's thread to sleep.
#[test]
fn keeps_the_bytes_a_full_socket_refused() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::keeps_what_a_full_socket_refused(c, &server)
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
        let stream = Stream::new(c.payload(1_000_003));
        let mut client = server.connect_with_small_window(16 * 1024)?;
        client.echo(&c.payload(100)).plainly()?;
        let look = "what you ask poll about a client, and what that depends on";
        server.idles_in(&[Call::Poll]).plainly().explain(
            "once a client has got everything back, nothing is asked about writing, and the program sleeps",
            "a socket has room nearly always. Poll tells you how things are, not that something has changed: asked \
             for room, it answers at once, every time",
            look,
        )?;
        client
            .flood(&stream, 64 << 20)
            .and_then(|()| server.idles_in(&[Call::Poll]))
            .explain_when(
                Cause::HungUp,
                "its socket is full, and a write there is answered with WouldBlock. That does not mean that the client \
                 is lost: it means `not now`, and poll says when",
                "what becomes of an error of the write",
            )
            .plainly()
            .explain(
                "while bytes wait for a full socket, the program sleeps until there is room",
                "the client has sent more than you will take now. Asked for bytes to read, poll says again and again \
                 that there are some, and you leave them where they are",
                look,
            )?;
        client.drain(&stream, 0)?;
        server.idles_in(&[Call::Poll]).plainly().explain(
            "once the waiting bytes have gone out, the program goes back to asking for bytes to read, and sleeps",
            "room was worth asking for while bytes were waiting. Now there is room and nothing to write, and poll says \
             so again and again",
            look,
        )
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
        let why = "whoever stops reading must start again. Poll tells of the bytes that arrived meanwhile as soon as \
                   it is asked, and not before";
        let look = "what you ask poll about a client whose pending bytes have all been written";
        echo::stops_reading_from_a_client_that_never_reads(c, &server, why, look)
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
        let mut polite = server.connect()?;
        let bytes = c.payload(100_000);
        polite.echo(&bytes).plainly()?;
        polite.finish_sending()?;
        polite.expect_goodbye().plainly().explain(
            "a client that has said goodbye gets a goodbye in return",
            "a read of 0 bytes is the client's goodbye. Yours goes out when the last owner of the socket is dropped",
            "what a read of 0 bytes leads to, and who else owns the client's socket then",
        )?;
        server.idles_in(&[Call::Poll]).plainly().explain(
            "when a client has said goodbye and got one in return, the program sleeps again",
            "poll tells of a hang-up and of an error whether you ask for it or not, every time. A client that is done \
             and stays in the list, whatever is asked about it, keeps poll from ever sleeping",
            "what becomes of a client's entry when its read has returned 0",
        )?;
        drop(polite);
        echo::forgets_clients_that_left(&server, 200)
    });
}

/// When clients leave from the middle of the list, those behind them are still served, each with
/// its own bytes, even when it all happens between two calls of `poll`.
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
        let mut clients = server.connect_many(10)?;
        clients.echo(c, 100).plainly()?;
        // Whoever stands right behind the leavers is silent, and must still be there afterwards.
        // One leaves, then two at once: whoever removes by stale positions may be lucky with one.
        // Then one leaves, and the next is lost by a reset: the answer about it is an error, and
        // taken for the neighbour's, it ends the neighbour.
        for (leavers, is_lost) in [(2..3, false), (2..4, false), (2..4, true)] {
            server.suspend()?;
            for (nth, client) in clients.drain(leavers).enumerate() {
                let part = if is_lost && nth == 1 {
                    Client::reset
                } else {
                    Client::leave
                };
                part(client)?;
            }
            let messages: Vec<_> = clients.iter().map(|_| c.payload(100)).collect();
            for (client, bytes) in clients.iter_mut().zip(&messages).skip(3) {
                client.send(bytes)?;
                client.reach_unread(100)?;
            }
            server.resume()?;
            let mut later = clients.iter_mut().zip(&messages).skip(3);
            let served = later.try_for_each(|(client, bytes)| client.expect(bytes));
            served.and_then(|()| clients.echo(c, 100)).explain(
                "when clients in the middle leave and those behind them send, in the same poll, each sender is served",
                "an answer's position is the client's position at the time of the question. Removing one in the \
                 middle moves everybody behind it: the next answers are then taken for somebody else's",
                "what a removal does to the positions that you have not looked at yet",
            )?;
        }
        Ok(())
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
