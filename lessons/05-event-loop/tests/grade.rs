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

#[path = "grade/talk.rs"]
mod talk;

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::reading::is_heard;
use grader::{Cause, Explain, check, reach};

use talk::{hears, is_registered, is_total, total};

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
            let asleep = server.idles_in(&[Call::Epoll]);
            if server.ended().is_some() {
                return asleep.explain(
                    "the program stays until its client says goodbye",
                    "WouldBlock says that there is nothing to read now. That there will never be anything again is \
                     said by a read of 0 bytes, and by nothing else",
                    "what each answer of `read` makes the loop do",
                );
            }
            let spins = "it asks again at once, whatever the answer is. A time-out of zero makes `Poll::poll` return at once, \
                         and a read that is repeated after WouldBlock, or after 0 bytes, is refused again and again";
            let look =
                "the time-out that `Poll::poll` gets, and what ends the reading after an event";
            asleep.explain_when(Cause::Spins, spins, look).explain(
                "while its client is silent the program sleeps in epoll_wait, and does not wake once",
                "the kernel rings when something arrives. A time-out only wakes the program for nothing, and a socket \
                 that blocks puts it to sleep in `read`, where no other bell is heard",
                "the time-out that `Poll::poll` gets, and whether the socket blocks",
            )?;
            is_registered(&client)?;
            client.send(&c.payload(100))?;
            is_heard(&client)?;
        }
        Ok(())
    });
}

/// 100 KiB that arrive in one moment are all read, although the kernel tells of them once.
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
        let mut client = server.connect()?;
        hears(c, &mut client, 100)?;
        let bytes = c.payload(100 * 1024);
        server.suspend()?;
        client.send(&bytes)?;
        client.reach_unread(bytes.len() as u64)?;
        server.resume()?;
        let unread = || Some(client.ends().ok()?.programs?.receive_queue);
        let read = server.owes(|| unread().filter(|unread| *unread == 0));
        let read = read.ok_or_else(|| {
            let unread = unread().unwrap_or(0);
            server.red(format!("{unread} bytes stay in the receive queue"))
        });
        read.plainly().explain(
            "100 KiB that arrived while the program was stopped are all read, and the client sends nothing more",
            "they are one edge of the client's socket. What you leave in the receive queue stays there: nothing new \
             happens to it, so no further event comes",
            "how often an event makes you read, and what makes you stop",
        )?;
        client.finish_sending()?;
        is_total(&client).explain(
            "every byte that was read is counted",
            "each read says how many bytes it brought, and any number up to the length of your buffer is possible",
            "where the bytes of a read are added up",
        )
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
        let mut client = server.connect()?;
        hears(c, &mut client, 100)?;
        let bytes = c.payload(5003);
        server.suspend()?;
        client.send(&bytes)?;
        client.reach_unread(bytes.len() as u64)?;
        client.finish_sending()?;
        client.reach_goodbye()?;
        server.resume()?;
        is_total(&client).explain(
            "bytes and a goodbye that arrive together are both heard: first every byte, then the end",
            "they are one edge, and no second event follows. Whoever takes the event's word that the client has \
             closed, or stops at a read that is shorter than the buffer, misses one of the two",
            "what ends your reading: an answer of `read`, or something else?",
        )
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
            hears(c, &mut client, 100)
        });
        goes_on.explain(
            "a program that was stopped and continued goes on as if nothing had happened",
            "a stop ends the sleep with an error, ErrorKind::Interrupted. It is no event and no failure: whoever leaves the \
             loop for it does not hear what comes next",
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
                Some(r) if r.wants_to_read() && !r.wants_to_write() => {
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
             and whoever asks for writable events is woken for room that nobody needs",
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
        let mut client = server.connect()?;
        for len in [20, 300, 7] {
            hears(c, &mut client, len)?;
        }
        client.finish_sending()?;
        match total(&server)? {
            (327, 4..=6, 3..) => Ok(()),
            (n, w, b) => Err(server.red(format!("{n} bytes, {w} wakeups, {b} would-blocks")).explain(
                "three messages of 327 bytes in all, then a goodbye: 327 bytes, 4 to 6 wakeups, 3 would-blocks or more",
                "each message finds the program asleep and wakes it once, and so does the goodbye; after each message \
                 one more read finds the socket empty, and only that read says so",
                "where each of the three is counted, and what ends the reading after an event",
            )),
        }
    });
}
