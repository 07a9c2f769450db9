//! A talk with a program that reads and does not answer: what it has heard, and
//! what it says at the end.

use grader::kernel::threads::Call;
use grader::reading::is_heard;
use grader::{Check, Checked, Client, Explain, Program};

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
        (n, ..) if n == sent => Ok(()),
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
fn is_awaited(client: &Client) -> Checked {
    is_registered(client)?;
    let sleeps = client.program().sleeps_in(&[Call::Epoll]);
    sleeps.plainly().suggest(
        "between two messages the program sleeps in epoll_wait",
        "a time-out brings `Poll::poll` back for nothing; and whoever reads on after WouldBlock, or after a goodbye, \
         is refused again and again",
        "the time-out that `Poll::poll` gets, and what ends the reading after an event",
    )
}

/// Sends `len` bytes to the sleeping program, and waits until it has heard them and sleeps again.
pub(super) fn hears(c: &mut Check, client: &mut Client, len: usize) -> Checked {
    is_awaited(client)?;
    let sent = client.send(&c.payload(len));
    sent.and_then(|()| is_heard(client)).plainly().suggest(
        "a message of the client is read as it comes",
        "an event says that something has arrived. Reading it is up to you, and so is saying so",
        "what an event makes you do, and the form of the line",
    )?;
    is_awaited(client)
}
