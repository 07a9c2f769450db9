//! What `just check lesson-01` holds your program to.

use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use grader::departures::Server;
use grader::kernel::threads::Call;
use grader::{Cause, Explain, check, departures, echo, memory};

/// What has to be known of this lesson's server when its clients leave.
const SERVER: Server<'_> = Server {
    rests_in: &[Call::Accept, Call::Read, Call::Write],
    serves_many: false,
    bears_a_full_socket: true,
};

/// Whatever a client sends comes back: every byte, in order, however much it is.
///
/// # Hint
/// A read gives you some of the bytes and says how many. Only those are new in your buffer.
///
/// # Hint
/// `write_all` writes exactly the slice that you give it: `&buffer[..n]`.
#[test]
fn echoes_every_byte_back() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)
    });
}

/// When a client leaves, the next one is served, for ever.
///
/// # Hint
/// Two loops: one over the clients, and inside it one over the bytes of the client at hand.
///
/// # Hint
/// A read that returns 0 ends the inner loop, not the outer one.
#[test]
fn serves_the_next_client_when_the_first_leaves() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        (0..3).try_for_each(|_| server.connect()?.echo(&c.payload(100))).explain(
            "three clients that come one after the other are all served",
            "nobody serves the next client when the program has come to its end, when the loop over the clients was \
             left at the first goodbye, or when the program never hears the goodbye and stays with the client who has \
             gone",
            "what a read of 0 bytes does, and what happens after the inner loop has ended",
        )
    });
}

/// One thread serves one client: the second waits until the first has left. Its connection stands
/// all the same, and its bytes wait in the kernel.
///
/// # Hint
/// Nothing has to be done to make the second wait. What did you do to prevent it?
///
/// # Hint
/// No thread, no non-blocking socket: `accept`, serve until the goodbye, `accept` again.
#[test]
fn makes_the_second_client_wait() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut first = server.connect()?;
        (0..2)
            .try_for_each(|_| first.echo(&c.payload(100)))
            .plainly()?;
        let mut second = server.connect()?;
        let bytes = c.payload(100);
        second.send(&bytes)?;
        let expected = "while the first client is there, the second one's bytes wait unread and nobody has accepted it";
        let why = "in this lesson one thread sleeps in the read of one client. Serving two at once takes what the \
                   next lessons bring; here it would hide what a blocking read does";
        let look = "who accepts while a client is being served";
        server
            .sleeps_in(&[Call::Read])
            .explain_when(
                Cause::Spins,
                "a blocking read sleeps until its client speaks. A program that is busy asks again and again instead: its \
                 sockets do not block",
                "what was done to the sockets that `accept` returned",
            )
            .explain(expected, why, look)?;
        if second.is_accepted() {
            return Err(server
                .red("the second client was accepted")
                .explain(expected, why, look));
        }
        second.reach_unread(bytes.len() as u64)?;
        drop(first);
        second.expect(&bytes).explain(
            "when the first client has left, the second one's waiting bytes are read and come back",
            "its connection and its bytes have waited in the kernel all along: `accept` and `read` find them once the \
             loop over the first client's bytes has come to its end",
            "what happens after the first client's goodbye",
        )
    });
}

/// While its client says nothing the program sleeps: one thread, inside `read`, at no cost.
///
/// # Hint
/// Who has to wake your program when bytes arrive? Not your program.
///
/// # Hint
/// A socket blocks unless you say otherwise, and a read that blocks is a thread asleep:
/// `cat /proc/PID/syscall`.
#[test]
fn sleeps_in_read_while_the_client_is_silent() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        (0..2)
            .try_for_each(|_| client.echo(&c.payload(100)))
            .plainly()?;
        let expected = "one thread, asleep in read for as long as the client is silent";
        let why = "a blocking read gives the core to others until bytes arrive; time-outs, spinning and helpers only \
                   take it back";
        let look = "how the program waits for the client's next bytes";
        // A second and more: the shortest time-out that looks harmless.
        server
            .idles_for(Duration::from_millis(1200), &[Call::Read])
            .plainly()
            .explain(expected, why, look)?;
        match server.threads().len() {
            1 => Ok(()),
            n => Err(server
                .red(format!("{n} threads"))
                .explain(expected, why, look)),
        }
    });
}

/// A client that has finished sending gets all of its bytes, then the goodbye.
///
/// # Hint
/// A read of 0 bytes means: the client sends no more. It may well read on.
///
/// # Hint
/// Dropping the stream is your goodbye. Is it dropped when the client's loop ends?
#[test]
fn answers_a_client_that_half_closes() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        let bytes = c.payload(100_000);
        server.suspend()?;
        client.send(&bytes)?;
        client.finish_sending()?;
        client.reach_goodbye()?;
        server.resume()?;
        client.expect(&bytes).plainly().explain(
            "a client that has finished sending gets back every byte that it has sent",
            "0 bytes read mean that no more will come, and not that the client has gone: what came before still has to be \
             written, all of it",
            "what is written when a read brings fewer bytes than your buffer holds",
        )?;
        client.expect_goodbye().plainly().explain(
            "a client that has said goodbye, and has got back every byte, gets a goodbye in return",
            "0 bytes read are the end of what the client sends. Taken for silence they are read again and again; \
             and if you stop reading but do not close, the client waits for ever",
            "what a read of 0 bytes does in your loop, and when the stream is dropped",
        )
    });
}

/// A client that leaves by a reset takes nobody with it.
///
/// # Hint
/// A read or a write may fail with ConnectionReset at any time.
///
/// # Hint
/// Let `echo` return the error, and decide in the loop over the clients what it means.
#[test]
fn survives_a_client_that_resets() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::survives_a_reset(c, &server, None)
    });
}

/// A client may leave at any moment, by a goodbye or by a reset: while it waits to be accepted,
/// while its bytes lie unread, while its socket is full. Each time the program sleeps afterwards,
/// keeps nothing of that client, and serves the next.
///
/// # Hint
/// Two things come together here. The failure says which two: what does each of your calls answer
/// then, `accept`, `read`, `write`?
///
/// # Hint
/// Between `accept` and the first read, which calls can fail? For each: is it the program that is
/// in trouble then, or one client?
#[test]
fn survives_clients_that_leave_at_any_moment() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        departures::are_survived(c, &server, SERVER)
    });
}

/// Twelve thousand short clients leave nothing behind in the program's memory.
///
/// # Hint
/// Which of your collections get longer when a client comes? Where does each get shorter?
///
/// # Hint
/// A line in a list for each client there ever was is kept too, however short it is.
#[test]
fn keeps_nothing_of_clients_that_left() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        memory::nothing_is_kept_of_clients_that_left(c, &server)
    });
}
