//! What `just check lesson-02` holds your program to.
//!
//! # Hint: a client that has connected and gets no answer
//! The autopsy says who waits. Is it clients, at the listener? Then look at your accept. Is it
//! bytes, at a client? Then look at your read.

#[path = "grade/crowds.rs"]
mod crowds;
#[path = "grade/troubles.rs"]
mod troubles;

use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::{Call, Thread};
use grader::{Cause, Explain, check, departures, echo, memory};

/// Less than the stack of a thread, which is 2 MiB unless you choose another size:
/// no further thread fits in.
const LESS_THAN_A_STACK: u64 = 1 << 20;

/// Whatever a client sends comes back: every byte, in order, however much it is.
///
/// # Hint
/// Nothing in this is new: lesson 01's loop over the bytes of one client serves a client here too.
///
/// # Hint
/// The loop moves into the thread, and the client's socket with it: `move ||`.
#[test]
fn echoes_every_byte_back() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)
    });
}

/// While one client says nothing, the others are served.
///
/// # Hint
/// Who waits for the silent client's bytes? It must not be the thread that accepts.
///
/// # Hint
/// Look at where a thread waits for another one: `join` waits for its end, `lock`
/// for a guard to be dropped.
///
/// # Hint
/// Between two calls of `accept` there is time to start a thread, not to wait for one. And a lock
/// held across a read is held for as long as a client likes to be silent.
#[test]
fn serves_the_second_client_while_the_first_is_silent() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut first = server.connect()?;
        server.owes(|| first.is_accepted().then_some(()));
        let mut second = server.connect()?;
        let both = second
            .echo(&c.payload(100))
            .and_then(|()| first.echo(&c.payload(100)));
        both.and_then(|()| second.echo(&c.payload(100))).plainly().explain(
            "two clients are both served, although each of them is silent for a while",
            "somebody waits for a silent client and has something in hand that the other one needs: the loop over the \
             clients, if it joins the thread it has just started; a lock, if it is held across a read",
            "what the accepting thread does between two clients, and what a client's thread holds while it reads",
        )
    });
}

/// Each client has a thread, and a thread has one client: fifty clients, fifty threads.
///
/// # Hint
/// The kernel counts them: `ls /proc/PID/task`, or `grep Threads /proc/PID/status`.
///
/// # Hint
/// One `spawn` for each `accept`. No pool of a fixed size, no thread that looks after two.
#[test]
fn spends_one_thread_per_client() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut first = server.connect()?;
        first.echo(&c.payload(100))?;
        // Whatever else the program keeps threads for, a log for example, is there by now.
        server.owes(|| server.asleep());
        let threads = || server.threads().len();
        let with_one = threads();
        let expected = "fifty more clients are served by fifty more threads, one for each";
        let why = "a blocking read has one client to wait for. A thread that looks after two must wait for one of them \
                   in vain, or get up again and again to see which one it is; and one day a pool of a fixed \
                   size has no thread left, with one more client at the door";
        let look = "where a thread is started, and how many clients are handed to it";
        let crowd = server.connect_many(50).and_then(|mut clients| {
            clients.echo(c, 100)?;
            Ok(clients)
        });
        let crowd = crowd.plainly().explain(expected, why, look)?;
        let one_each = server.owes(|| (threads() == with_one + crowd.len()).then_some(()));
        one_each.ok_or_else(|| {
            let (threads, clients) = (threads(), crowd.len());
            let saw = format!("{with_one} threads for one client, {threads} for {clients} more");
            server.red(saw).explain(expected, why, look)
        })
    });
}

/// When a client leaves, by a goodbye or by a reset, its thread ends, its socket is closed, and its
/// stack goes back to the system.
///
/// # Hint
/// A read that returns 0 is the client's goodbye, and a read that fails is the end as well.
///
/// # Hint
/// A thread ends when its closure returns. What would keep yours from returning?
///
/// # Hint
/// A thread that can still be joined keeps its stack, although it has ended. Who
/// holds what `spawn` returned?
#[test]
fn gives_the_thread_back_when_the_client_leaves() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        crowds::come_and_go(c, &server)
    });
}

/// A client that resets ends its own thread and nothing else, even when it resets before
/// anybody has accepted it.
///
/// # Hint
/// A panic ends the thread it happens in. Which thread is it when the one that accepts panics?
///
/// # Hint
/// In the loop that accepts, the address comes with the client and can be copied; asking the
/// socket for it later can fail.
///
/// # Hint
/// Let nothing that concerns one client be done with `?` or `unwrap` outside that client's thread.
#[test]
fn a_reset_ends_one_client_only() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut bystander = server.connect()?;
        bystander.echo(&c.payload(100))?;
        echo::survives_a_reset(c, &server, Some(&mut bystander))?;
        echo::survives_a_reset_before_accept(c, &server, &mut bystander)
    });
}

/// Fifty clients who say nothing cost no processor time: every thread sleeps, in read or
/// in accept, and none wakes.
///
/// # Hint
/// What does a thread miss if it sleeps until its client speaks? It has no other client.
///
/// # Hint
/// Look from outside, twice: `grep -h ^voluntary /proc/PID/task/*/status`. Every number that grows
/// is a thread that got up for nothing.
#[test]
fn idle_costs_no_cpu() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let silent = server.connect_many(50)?;
        let expected = "with 50 silent clients every thread sleeps, each client's in read, and none wakes even once";
        let why = "a thread that has one client has nothing to do until that one speaks, and the kernel wakes it then. \
                   A read time-out wakes it for nothing, and many threads wake for nothing many times";
        let look = "what a client's thread does while its client is silent";
        // A second and more: the shortest time-out that looks harmless. A thread that waits for
        // other threads, as in `join`, sleeps in futex and costs nothing either.
        let idle = server.idles_for(
            Duration::from_millis(1200),
            &[Call::Accept, Call::Read, Call::Futex],
        );
        // On a busy machine, fifty threads that wake wait for a core, and look like one that spins.
        let wakes = |t: &Thread| t.sleeps_in(&[Call::Read]) && t.time_out.is_some();
        if idle.is_err() && server.threads().iter().any(wakes) {
            let saw = "threads sleep in read with a time-out, although nothing is due";
            return Err(server.red(saw).explain(expected, why, look));
        }
        idle.explain_when(Cause::TimeOut, why, look)
            .plainly()
            .explain_when(
                Cause::Spins,
                "a thread that asks its client again and again, whatever the answer is, never sleeps. On a socket that \
                 does not block, `nothing yet` is an answer; and a read of 0 bytes, or an error, is the last one",
                look,
            )
            .explain(expected, why, look)?;
        let in_read = |t: &&Thread| t.sleeps_in(&[Call::Read]);
        match server.threads().iter().filter(in_read).count() {
            n if n >= silent.len() => Ok(()),
            n => Err(server
                .red(format!("{n} threads asleep in read"))
                .explain(expected, why, look)),
        }
    });
}

/// When the system gives no further thread, those who are served stay served, and later ones are
/// served once there are threads again. The client that got none may be hung up on.
///
/// # Hint
/// `thread::spawn` has no way to say that it failed, so it panics. In which thread?
///
/// # Hint
/// `thread::Builder` starts threads too, and its `spawn` returns an `io::Result`.
#[test]
fn survives_running_out_of_threads() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut served = server.connect_many(3)?;
        served.echo(c, 100)?;
        let why = "a thread that cannot be started is one client's bad luck. `thread::spawn` panics in that case, in \
                   the thread that accepts; if that is `main`, all clients end with it, and if not, nobody is \
                   accepted any more";
        let look = "what starts a client's thread, and what it returns when no thread is left";
        // All three are there before the program can stumble over the first.
        server.suspend()?;
        server.limit_address_space(Some(LESS_THAN_A_STACK))?;
        let mut late = server.connect_unanswered(3)?;
        server.resume()?;
        let bytes = c.payload(100);
        // Served after all, hung up on, or left waiting: only that the program
        // has met them matters here.
        let _ = late
            .iter_mut()
            .try_for_each(|client| client.echo_or_end(&bytes));
        served.echo(c, 100).explain(
            "with no thread left to start, the clients that have one stay served",
            why,
            look,
        )?;
        let next = server
            .limit_address_space(None)
            .and_then(|()| server.connect())
            .and_then(|mut next| next.echo(&c.payload(100)));
        next.explain(
            "when threads can be started again, a new client is served as ever",
            why,
            look,
        )
    });
}

/// A client may leave at any moment, by a goodbye or by a reset: while it waits to be accepted,
/// while its bytes lie unread, while its socket is full. Each time its thread and its socket are
/// gone afterwards, and the others are served as quickly as before.
///
/// # Hint
/// Two things come together here. The failure says which two: what does each of your calls answer
/// then, `accept`, `read`, `write`?
///
/// # Hint
/// A client that has finished sending still reads. What does your thread have in hand for it when
/// it learns that no more will come?
#[test]
fn survives_clients_that_leave_at_any_moment() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        departures::are_survived(c, &server, troubles::SERVER)
    });
}

/// Out of file descriptors, those who are served stay served, nothing burns, and those who wait are
/// served when there are descriptors again.
///
/// # Hint
/// `accept` fails with EMFILE. Nobody is to blame, and nothing is over: the client still waits in
/// the backlog.
///
/// # Hint
/// Trying again at once burns a core. The thread that accepts serves nobody: it may sleep for a
/// moment before it asks again.
#[test]
fn survives_running_out_of_file_descriptors() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        troubles::run_out(c, &server)
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
