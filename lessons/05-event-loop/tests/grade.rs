//! What `just check lesson-05` holds your program to.
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
//! Your program has ended, and what it said last stands under *saw*. What told it that no more will
//! come? Only a read of 0 bytes says so.
//!
//! # Hint: asleep in that call, a thread hears of one thing only
//! One call may put the thread to sleep: `Poll::poll`. What you accept from a listener of std's
//! blocks until you say otherwise.

#[path = "grade/amounts.rs"]
mod amounts;
#[path = "grade/counts.rs"]
mod counts;
#[path = "grade/goodbyes.rs"]
mod goodbyes;
#[path = "grade/talk.rs"]
mod talk;

use assert_cmd::cargo::cargo_bin;
use grader::reading::{self, is_heard};
use grader::{Cause, Explain, check, reach};

use talk::{ASLEEP, hears, is_registered, rests, stays};

/// EPOLLOUT and EPOLLPRI: a registration for reading asks for neither.
const MORE: u32 = 0x4 | 0x2;

/// While its client says nothing the program sleeps in epoll_wait: before the first
/// message, and between two.
///
/// # Hint
/// Who wakes your program when bytes arrive? Not your program. Which time-out does
/// `Poll::poll` need, then?
///
/// # Hint: a thread sleeps in
/// Asleep in `read`, it hears no bell. A socket blocks unless you say otherwise, and
/// `TcpStream::from_std` takes it as it is.
///
/// # Hint: the program stays until its client says goodbye
/// WouldBlock and a read of 0 bytes are two different answers. Only one of them ends the loop.
#[test]
fn sleeps_until_data_arrives() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        for _ in 0..2 {
            stays(&server)?;
            is_registered(&client)?;
            client.send(&c.payload(100))?;
            reading::is_heard_at_once(&client).explain_when(
                Cause::Elsewhere,
                "the event has woken the thread, and it sleeps again before it reads. A pause helps nobody: what else comes \
                 meanwhile waits in the kernel all the same, and makes no further event",
                "every call between `Poll::poll` and the read",
            )?;
        }
        Ok(())
    });
}

/// 100 KiB that arrive in one moment are all read, and so is as much as the kernel takes, although
/// it tells of them once.
///
/// # Hint
/// The event says that bytes wait, not how many.
///
/// # Hint
/// Read again and again until the answer is WouldBlock, even if your buffer is small. Then another
/// event is owed to you.
///
/// # Hint: every byte that was read is counted
/// A read returns how many bytes it brought. That is what is added up, and not
/// the length of the buffer.
#[test]
fn reads_until_would_block() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        amounts::are_all_read(c, &server)
    });
}

/// Bytes that were there before the program had registered the client, or even accepted it,
/// are heard like all others.
///
/// # Hint
/// Nothing special has to be done for them: registering a socket makes the
/// kernel look at it at once.
///
/// # Hint
/// It rings for them once, though. Does every return of `Poll::poll` since
/// `register` lead to a read?
#[test]
fn hears_bytes_sent_before_registration() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        server.suspend()?;
        let mut client = server.connect()?;
        let bytes = c.payload(1000);
        client.send(&bytes)?;
        reach("a client that nobody has accepted", || {
            server.waiting_clients() == 1 && !client.is_accepted()
        })?;
        client.reach_unread(bytes.len() as u64)?;
        server.resume()?;
        is_registered(&client)?;
        is_heard(&client).plainly().explain(
            "bytes that came before the client was registered are read, and the client sends nothing more",
            "it is never too late to register: the kernel looks at the socket then and there, and rings if something \
             waits in it. That bell is as good as any other, and it rings once",
            "what the program does between `register` and its first read",
        )
    });
}

/// The last bytes and the goodbye that follows them are both heard when they arrive in one moment.
///
/// # Hint
/// An event may say that the client has closed its side. Bytes that it sent before
/// are still there to be read.
///
/// # Hint
/// Let the reads tell you, not the event: the bytes come first, and after them a read of 0 bytes.
///
/// # Hint
/// A read that fills only a part of your buffer was not the last one. What comes
/// after it may be the goodbye.
#[test]
fn hears_the_last_bytes_and_the_goodbye_in_one_edge() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        goodbyes::are_heard_behind_the_last_bytes(c, &server)?;
        goodbyes::of_those_who_never_stayed(c, cargo_bin!())
    });
}

/// A client that resets its connection is lost: no total, and an exit code other than 0.
///
/// # Hint
/// `read` has four answers: bytes, 0 bytes, WouldBlock, and any other error. What does each of them
/// make your program do?
///
/// # Hint
/// `hear_out` returns an `io::Result`. Which answer of `read` is an error of `hear_out` too?
#[test]
fn a_reset_is_no_goodbye() {
    check(|c| {
        let is_total = |line: &str| line.starts_with("total ");
        reading::a_reset_is_no_goodbye(c, cargo_bin!(), ASLEEP, is_total)
    });
}

/// The program goes on after it was stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// `Poll::poll` may return an error of the kind Interrupted.
///
/// # Hint
/// It means that the sleep is over and nothing has happened. What would you do if
/// it had returned no events?
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        hears(c, &mut client, 100)?;
        let goes_on = (0..3).try_for_each(|_| {
            server.suspend()?;
            server.resume()?;
            hears(c, &mut client, 100)?;
            rests(&server)
        });
        goes_on.explain(
            "a program that was stopped and continued goes on as if nothing had happened",
            "a stop ends the sleep with an error, ErrorKind::Interrupted. It is no event and no failure: a program that \
             leaves the loop for it does not hear what comes next",
            "what you do with an error of `Poll::poll`",
        )
    });
}

/// The client stays registered with epoll, for reading and for nothing else, until it leaves.
///
/// # Hint
/// The kernel lists what is registered: `grep tfd /proc/PID/fdinfo/*`. Is the
/// client's socket in that list?
///
/// # Hint
/// `register` borrows the socket, and the kernel forgets a socket that is closed. Who owns yours
/// afterwards, and for how long?
///
/// # Hint: the client is registered with the events
/// Which `Interest` does `register` get? There is nearly always room to write, and this program
/// writes nothing to its client.
#[test]
fn keeps_the_connection_registered() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        let mut client = server.connect()?;
        let stays_registered = (0..3).try_for_each(|_| {
            let saw = match server.owes(|| client.registration()) {
                Some(r) if r.wants_to_read() && r.events & MORE == 0 => {
                    return hears(c, &mut client, 100);
                }
                Some(r) => format!("the client is registered with the events {:#x}", r.events),
                None if client.is_accepted() => "its socket is open and not registered".into(),
                None => "the client's socket is closed, or was never accepted".into(),
            };
            Err(server.red(saw))
        });
        stays_registered.plainly().explain(
            "the client's socket is registered with epoll for reading only, for as long as the client is there",
            "what was never registered never rings; closing a socket takes it off the kernel's list without a word; \
             and a program that asks for writable events is woken for room that nobody needs",
            "the call of `register`, the interest it gets, and who owns the socket after it",
        )
    });
}

/// The counts are right: every byte, one wakeup for each thing that happened, one WouldBlock for
/// each time the socket was found empty.
///
/// # Hint
/// Three messages, each sent while your program sleeps, then a goodbye. Take a sheet of paper: how
/// often does it wake, and what does each of its reads answer?
///
/// # Hint
/// A wakeup is a return of `Poll::poll` that brought an event for the client,
/// however much is read after it.
#[test]
fn counts_what_it_did() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        counts::are_of_what_happened(c, &server)
    });
}

/// A stop and continue, as by Ctrl-Z and `fg`, is no wakeup: it brings no event.
///
/// # Hint
/// The call that waits for events returns then, and the events are none. Where do you count?
///
/// # Hint
/// A wakeup is counted once you know that an event has come, and that it is the client's. Mind that
/// of no events at all it is true that *all* are the client's.
#[test]
fn counts_no_stop_as_a_wakeup() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        counts::leave_stops_out(c, &server)
    });
}

/// Its counts of wakeups and would-blocks are those that strace sees.
///
/// # Hint
/// Run it yourself: `strace -e trace=epoll_wait,recvfrom`, then count the lines. Which of your
/// counts is another one?
///
/// # Hint
/// A would-block is counted where a read has just been refused, and nowhere else.
#[test]
fn counts_as_the_kernel_does() {
    check(|c| {
        let traced = c.spawn_traced(cargo_bin!(), &[])?;
        counts::are_the_kernels(c, traced)
    });
}
