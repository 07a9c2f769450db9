//! A talk with a program that reads and does not answer: what it has heard, and what it says at the end.

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
    total.explain(
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

/// Waits until the program has registered the client, and sleeps.
fn is_awaited(client: &Client) -> Checked {
    let server = client.program();
    let registered = server.owes(|| client.registration());
    registered.ok_or_else(|| server.red("the client is not registered with epoll"))?;
    server.sleeps_in(&[Call::Epoll])
}

/// Sends `len` bytes to the sleeping program, and waits until it has heard them and sleeps again.
pub(super) fn hears(c: &mut Check, client: &mut Client, len: usize) -> Checked {
    let sent = is_awaited(client).and_then(|()| client.send(&c.payload(len)));
    let heard = sent.and_then(|()| is_heard(client));
    heard.and_then(|()| is_awaited(client)).plainly().explain(
        "a message of the client is read as it comes; then the program sleeps in epoll_wait until the next",
        "an event says that something has arrived. Reading it is yours, saying so is yours, and so is waiting for more",
        "what an event makes you do, and what you do after it",
    )
}
