//! The three counts: held to what happened, to what did not, and to the kernel's own.

use grader::{Check, Checked, Explain, Program, Trace};

use crate::talk::{hears, is_awaited, is_stopped_for_nothing, total};

/// The lengths of the messages, one byte among them.
const MESSAGES: [usize; 3] = [20, 1, 300];

/// Three messages and a goodbye.
pub(crate) fn are_of_what_happened(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    for len in MESSAGES {
        hears(c, &mut client, len)?;
    }
    client.finish_sending()?;
    match total(server)? {
        (321, w @ 4..=6, b) if (3..=w + 1).contains(&b) => Ok(()),
        (n, w, b) => Err(server.red(format!("{n} bytes, {w} wakeups, {b} would-blocks")).explain(
            "three messages of 321 bytes in all, then a goodbye: 321 bytes, 4 to 6 wakeups, 3 would-blocks or one or two more",
            "each message finds the program asleep and wakes it once, and so does the goodbye; after each message \
             one more read finds the socket empty, and only that read says so",
            "where each of the three is counted, and what ends the reading after an event",
        )),
    }
}

/// Stops, and one message among them.
pub(crate) fn leave_stops_out(c: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    hears(c, &mut client, 20)?;
    for _ in 0..5 {
        is_stopped_for_nothing(&client)?;
    }
    client.finish_sending()?;
    match total(server)? {
        (20, 2..=4, _) => Ok(()),
        (n, w, _) => Err(server.red(format!("{n} bytes, {w} wakeups")).explain(
            "one message, five stops, and a goodbye: 2 wakeups, 4 at most",
            "after a stop and continue `Poll::poll` comes back with the error Interrupted, or with no event at all. A \
             wakeup is a return that brought an event for the client, and this one brought none",
            "where a wakeup is counted: after which question about the events?",
        )),
    }
}

/// Three messages and a goodbye, under strace.
pub(crate) fn are_the_kernels(c: &mut Check, (server, mut trace): (Program, Trace)) -> Checked {
    const READS: &[&str] = &["recvfrom", "read", "recvmsg", "readv"];
    const WAITS: &[&str] = &["epoll_wait", "epoll_pwait", "epoll_pwait2"];
    server.wait_for_address()?;
    let mut client = server.connect()?;
    is_awaited(&client)?;
    let before = trace.times(WAITS)?;
    for len in MESSAGES {
        hears(c, &mut client, len)?;
    }
    client.finish_sending()?;
    let (_, wakeups, would_blocks) = total(&server)?;
    trace.is_complete()?;
    let returns = trace.times(WAITS)? - before;
    let refused = trace.refusals(READS, "EAGAIN")?;
    if (wakeups, would_blocks) == (returns, refused) {
        return Ok(());
    }
    let saw = format!(
        "{wakeups} wakeups and {would_blocks} would-blocks in its last line; under strace epoll_wait returned {returns} \
         times since the client was there, and {refused} reads answered EAGAIN"
    );
    Err(server.red(saw)).explain(
        "the program counts what the kernel answers: a wakeup for each return of epoll_wait with an event of the client, a \
         would-block for each read that was refused",
        "the counts stand beside the calls that they are about, or they count something that happens as often most of the \
         time. The read that brings the goodbye is not refused, and a read before the first event is",
        "which answer of which call makes each of the two grow",
    )
}
