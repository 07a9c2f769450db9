//! A talk with a program that reads and does not answer: what it has heard, and
//! what it says at the end.

use grader::kernel::threads::Call;
use grader::reading::{is_heard_at_once, said};
use grader::{Cause, Check, Checked, Client, Explain, Program, Stop};

/// Where the program sleeps.
pub(super) const ASLEEP: &[Call] = &[Call::Epoll];

/// N, W and B of `total N bytes, W wakeups, B would-blocks`.
fn counts(line: &str) -> Option<(u64, u64, u64)> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["total", n, "bytes,", w, "wakeups,", b, "would-blocks"] = words[..] else {
        return None;
    };
    Some((n.parse().ok()?, w.parse().ok()?, b.parse().ok()?))
}

/// Waits until the program has said its total and has ended, after a goodbye.
pub(super) fn total(server: &Program) -> Checked<(u64, u64, u64)> {
    let said = server.says("`total N bytes, W wakeups, B would-blocks`", counts);
    let total = said.and_then(|total| match server.ends()?.success() {
        true => Ok(total),
        false => Err(server.red("it did not end with exit code 0")),
    });
    total.suggest(
        "when the client has said goodbye the program says its total and ends, with exit code 0",
        "a read of 0 bytes is the goodbye; after it there is nobody left to wait for",
        "what a read of 0 bytes makes the loop do, and the form of the line",
    )
}

/// Waits until the program has said its total, and that everything `client` sent is in it.
pub(super) fn is_total(client: &Client) -> Checked {
    let (server, sent) = (client.program(), client.sent());
    match total(server)? {
        (n, ..) if n == sent && said(server) == n => Ok(()),
        (n, ..) if n == sent => Err(server.red(format!(
            "`total {n} bytes`; its lines `read N bytes` add up to {}",
            said(server)
        ))),
        (n, ..) => Err(server.red(format!("`total {n} bytes`; {sent} were sent"))),
    }
}

/// Waits until the program has registered the client.
pub(super) fn is_registered(client: &Client) -> Checked {
    let server = client.program();
    let registered = server.owes(|| client.registration().map(drop));
    let registered =
        registered.ok_or_else(|| server.red("the client is not registered with epoll"));
    registered.plainly().suggest(
        "the client's socket is registered with epoll while the client is there",
        "no bell hangs on a socket that is not registered, and one that has been closed has none any more",
        "the call of `register`, and who owns the socket after it",
    )
}

/// Waits until the program has registered the client, and sleeps.
pub(super) fn is_awaited(client: &Client) -> Checked {
    is_registered(client)?;
    let sleeps = client.program().sleeps_in(ASLEEP);
    sleeps.plainly().suggest(
        "between two messages the program sleeps in epoll_wait",
        "a time-out brings `Poll::poll` back for nothing; and a program that reads on after WouldBlock, or after a \
         goodbye, is refused again and again",
        "the time-out that `Poll::poll` gets, and what ends the reading after an event",
    )
}

/// Sends `len` bytes to the sleeping program, and waits until it has heard them and sleeps again.
pub(super) fn hears(c: &mut Check, client: &mut Client, len: usize) -> Checked {
    is_awaited(client)?;
    let sent = client.send(&c.payload(len));
    sent.and_then(|()| is_heard_at_once(client)).plainly().suggest(
        "a message of the client is read as it comes",
        "an event says that something has arrived. Reading it is up to you, and so is saying so",
        "what an event makes you do, and the form of the line",
    )?;
    is_awaited(client)
}

/// With nothing left to read, the program sleeps in epoll_wait, without a time-out.
pub(super) fn rests(server: &Program) -> Checked {
    server
        .idles_in(ASLEEP)
        .explain_when(
            Cause::Spins,
            "it is busy, and there is nothing to do: it waits without sleeping, or reads what is refused each time",
            "what the wait and the reads answer from here on, and what the loop makes of it",
        )
        .plainly()
        .suggest(
            "with everything read, the program sleeps in epoll_wait and does not wake once",
            "whatever comes next makes an event, and the event ends the sleep. Until then there is nothing to look at",
            "what the loop does after the last read, and the time-out that `Poll::poll` gets",
        )
}

/// While its client is silent, and has not said goodbye, the program sleeps in epoll_wait.
pub(super) fn stays(server: &Program) -> Checked {
    let asleep = server.idles_in(ASLEEP);
    if let Err(Stop::Red(failure)) = &asleep
        && failure.cause == Some(Cause::Ended)
    {
        let (why, look) = why_ended(&failure.saw);
        return asleep.explain("the program stays until its client says goodbye", why, look);
    }
    let spins = "it asks again at once, whatever the answer is. A time-out of zero makes `Poll::poll` return at once, \
                 and a read that is repeated after WouldBlock, or after 0 bytes, is refused again and again";
    let look = "the time-out that `Poll::poll` gets, and what ends the reading after an event";
    asleep.explain_when(Cause::Spins, spins, look).explain(
        "while its client is silent the program sleeps in epoll_wait, and does not wake once",
        "the kernel rings when something arrives. A time-out only wakes the program for nothing, and a socket \
         that blocks puts it to sleep in `read`, where no other bell is heard",
        "the time-out that `Poll::poll` gets, and whether the socket blocks",
    )
}

/// Why a program has ended whose client is there, and where to look, by what was seen of its end.
fn why_ended(saw: &str) -> (&'static str, &'static str) {
    if saw.contains("AlreadyExists") {
        (
            "a socket is registered once, with one `Poll`, and stays so until it is closed. A second `register` is refused \
             with AlreadyExists, and nothing would need it: the row hangs on the socket, and not on an event",
            "how often `Poll::new` and `register` are called",
        )
    } else {
        (
            "WouldBlock says that there is nothing to read now. That there will never be anything again is said by a read \
             of 0 bytes, and by nothing else",
            "what each answer of `read` makes the loop do",
        )
    }
}

/// Stops the sleeping program and continues it, and nothing else: it sleeps again.
pub(super) fn is_stopped_for_nothing(client: &Client) -> Checked {
    let server = client.program();
    server.suspend()?;
    server.resume()?;
    server.sleeps_in(ASLEEP).explain_when(
        Cause::Ended,
        "`Poll::poll` may come back without an event, as here after a stop and continue. Then nothing has happened, and \
         nothing has ended: that a client has finished is said by a read of 0 bytes, and by nothing else",
        "what the loop does when no event is for the client",
    ).plainly().suggest(
        "a program that was stopped, and continued without anything having come, sleeps again",
        "a stop ends the sleep in epoll_wait, and brings nothing: the program has to go back to sleep",
        "what the loop does when no event is for the client",
    )
}
