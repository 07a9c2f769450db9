//! Amounts: as much at once as the kernel holds. A bound that a program sets to its own work shows
//! only beyond it, and nobody knows the bound beforehand.

use std::time::{Duration, Instant};

use crate::check::Check;
use crate::client::Client;
use crate::client::backpressure::Stream;
use crate::contracts::reading;
use crate::kernel::tcp;
use crate::program::Program;
use crate::reach;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;
use crate::wait;

/// More clients than these do not connect at once, even where a backlog has room for them: each
/// takes a descriptor here.
const MOST_CLIENTS: u64 = 1_100;
/// Sent before the queue is filled. The kernel gives a connection more room when its reader has
/// kept up.
const WARM_BYTES: usize = 4 << 20;
/// The steps in which a receive queue is filled.
const STEP: usize = 16 * 1024;
/// The time in which a step arrives where there is room for it: microseconds, mostly.
const TAKEN_WITHIN: Duration = Duration::from_millis(300);

/// A receive buffer this small makes the kernel's segments short: the socket of the program's end
/// is full after nearly the same number of bytes each time, whatever their pieces are.
const SMALL_WINDOW: usize = 2_304;

/// As many clients as the backlog holds connect in one moment: all of them are served.
///
/// # Errors
/// Red, when one of them is not.
pub fn a_full_backlog_is_served(
    check: &mut Check,
    server: &Program,
    why: &str,
    look: &str,
) -> Checked {
    let backlog = tcp::backlog(server.address())?.unwrap_or(1);
    // The kernel lets one more in than the length says.
    let count = server.as_many_clients_as((backlog + 1).min(MOST_CLIENTS) as usize);
    server.suspend()?;
    let mut clients = server.connect_unanswered(count)?;
    reach(&format!("{count} clients that wait to be accepted"), || {
        server.waiting_clients() == count as u64
    })?;
    server.resume()?;
    clients.echo(check, 20).plainly().suggest(
        &format!("{count} clients that connected in one moment, as many as the backlog takes, are all served"),
        why,
        look,
    )
}

/// As many bytes as the kernel takes arrive at one client in one moment: all of them come back,
/// though the client sends nothing more.
///
/// # Errors
/// Red, when they do not.
pub fn a_full_queue_is_read(check: &mut Check, server: &Program, why: &str, look: &str) -> Checked {
    let mut client = server.connect()?;
    let expected = "much that comes in one go all comes back";
    let warmed = client.echo(&check.payload(WARM_BYTES)).plainly();
    warmed.suggest(expected, why, look)?;
    server.suspend()?;
    let sent = fill(check, &mut client, WARM_BYTES)?;
    server.resume()?;
    let came = client.expect(&sent);
    came.plainly().suggest(
        &format!(
            "{} KiB that arrived in one moment, as many as the kernel takes, all come back, and the client sends nothing \
             more",
            sent.len() >> 10
        ),
        why,
        look,
    )
}

/// As many bytes as the kernel takes, and `most` of them, arrive at a client in one moment: the
/// program, which does not answer, reads all of them, though the client sends nothing more. As many
/// come before, one after the other.
///
/// # Errors
/// Red, when it does not.
pub fn a_full_queue_is_heard(
    check: &mut Check,
    client: &mut Client,
    most: usize,
    why: &str,
    look: &str,
) -> Checked {
    let server = client.program().clone();
    let mut sent = 0;
    while sent < most {
        client.send(&check.payload(STEP))?;
        sent += STEP;
        let heard = reading::is_heard(client).plainly();
        heard.suggest("much that comes in one go is all read", why, look)?;
    }
    server.suspend()?;
    let bytes = fill(check, client, most)?.len();
    server.resume()?;
    let read = reading::queue_is_emptied(client).and_then(|()| reading::is_heard(client));
    read.plainly().suggest(
        &format!(
            "{} KiB that arrived while the program was stopped are all read, and the client sends nothing more",
            bytes >> 10
        ),
        why,
        look,
    )
}

/// Sends to a program that is stopped until the kernel takes no more, and `most` bytes at most;
/// returns them. Nothing lies unread before.
fn fill(check: &mut Check, client: &mut Client, most: usize) -> Checked<Vec<u8>> {
    let mut sent = Vec::new();
    // A step that does not arrive finds the queue full. On a very slow machine it may be taken for
    // full too early: then there are fewer bytes.
    while sent.len() < most {
        let step = check.payload(STEP);
        client.send(&step)?;
        sent.extend(step);
        let all = sent.len() as u64;
        let arrived = || {
            client
                .ends()
                .ok()?
                .programs
                .filter(|end| end.receive_queue == all)
        };
        if wait::until(Instant::now() + TAKEN_WITHIN, arrived).is_none() {
            break;
        }
    }
    Ok(sent)
}

/// A full socket takes nothing of a write, not even a part: everything that was offered still comes
/// back in the end.
///
/// # Errors
/// Red, when it does not.
pub fn a_write_that_takes_nothing_loses_nothing(check: &mut Check, server: &Program) -> Checked {
    let stream = Stream::new(check.payload(1_000_003));
    let mut first = server.connect_with_small_window(SMALL_WINDOW)?;
    first.press(&stream).plainly()?;
    let Some(room) = first.written_to_it() else {
        return Ok(());
    };
    let mut second = server.connect_with_small_window(SMALL_WINDOW)?;
    let why = "a write to a full socket takes a part of what it is given, or nothing and says WouldBlock. In both cases the \
               rest is still yours to send. Bytes that lie in a buffer for one read only are gone when that read is over";
    let look = "where bytes are from the read on until a write has taken them, and what of them is left there after \
                WouldBlock";
    let expected = "a byte that a full socket refused, with nothing pending before it, comes back when there is room";
    let reached = second.press_one_by_one(&stream, room).plainly();
    reached.suggest(expected, why, look)?;
    second
        .drain(&stream, 0)
        .explain_when(Cause::HungUp, why, look)
        .plainly()
        .suggest(expected, why, look)
}
