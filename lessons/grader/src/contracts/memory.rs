//! Memory: what a server keeps of clients that have left.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::check::Check;
use crate::kernel::process;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// So many clients come and go until a server's memory has found its size.
const WARM: usize = 2_000;
/// So many come and go after that.
const MORE: usize = 10_000;
/// A growth that is nobody's fault, in bytes: 25 bytes a client. Servers that keep nothing were
/// seen not to grow by a page.
const ALLOWED_BYTES: u64 = 256 << 10;

/// So many come at a time, where they come in crowds.
const CROWD: usize = 50;

/// After 2 000 short clients the server's memory does not grow with 10 000 more, who come one after
/// the other.
///
/// # Errors
/// Red, when it does, or when a client is not served.
pub fn nothing_is_kept_of_clients_that_left(check: &mut Check, server: &Program) -> Checked {
    nothing_is_kept(server, |count| come_and_go(check, server, count))
}

/// As [`nothing_is_kept_of_clients_that_left`], where the clients come in crowds. A program that
/// never sleeps has to give its core away now and then, and each client that waits for it to get
/// one back would wait alone.
///
/// # Errors
/// As there.
pub fn nothing_is_kept_of_crowds_that_left(check: &mut Check, server: &Program) -> Checked {
    nothing_is_kept(server, |count| {
        (0..count / CROWD).try_for_each(|_| crowds_come_and_go(check, server))
    })
}

fn nothing_is_kept(server: &Program, mut come_and_go: impl FnMut(usize) -> Checked) -> Checked {
    come_and_go(WARM)?;
    let before = process::anonymous_bytes(server.pid());
    come_and_go(MORE)?;
    let grown = process::anonymous_bytes(server.pid()).saturating_sub(before);
    if grown <= ALLOWED_BYTES {
        return Ok(());
    }
    let each = grown / MORE as u64;
    let saw = format!(
        "its memory grew by {} KiB while {MORE} clients came and went, {each} bytes for each",
        grown >> 10
    );
    Err(server.red(saw)).suggest(
        "when a client has left, nothing of it is kept: no entry, no buffer, no handle",
        "a server runs for months, and what it keeps of each client that has left, however little, is all that is left of \
         its memory one day. A list whose entries are marked and not removed, a handle that is put aside, a buffer that only \
         grows",
        "which collections get longer with a new client, and where each of them gets shorter",
    )
}

/// One client after the other connects, is answered and leaves, every second one by a reset.
fn come_and_go(check: &mut Check, server: &Program, count: usize) -> Checked {
    let files = server.open_files().len();
    for nth in 0..count {
        // Each port of an address rests for a minute after a goodbye, so the addresses change.
        let host = Ipv4Addr::new(
            127,
            64 + (check.any_below(64)) as u8,
            (nth >> 8) as u8,
            nth as u8,
        );
        let mut client = server.connect_from(SocketAddr::new(IpAddr::V4(host), 0))?;
        client.echo(b"hello").plainly()?;
        if nth % 2 == 0 {
            client.breaks_off()?;
        }
    }
    all_have_left(server, files, count)
}

/// A crowd connects, all of it is answered, and all of it leaves, every second client by a reset.
fn crowds_come_and_go(check: &mut Check, server: &Program) -> Checked {
    let files = server.open_files().len();
    let mut clients = server.connect_unanswered(CROWD)?;
    for client in clients.iter_mut() {
        client.send(b"hello").plainly()?;
    }
    for client in clients.iter_mut() {
        client.expect(b"hello").plainly()?;
    }
    for (nth, client) in clients.drain(..).enumerate() {
        // A reset leaves no port behind that rests for a minute.
        if nth % 2 == 0 || check.any_below(8) > 0 {
            client.breaks_off()?;
        }
    }
    all_have_left(server, files, CROWD)
}

fn all_have_left(server: &Program, files: usize, count: usize) -> Checked {
    let left = server.owes(|| (server.open_files().len() <= files).then_some(()));
    left.ok_or_else(|| {
        let now = server.open_files().len();
        server.red(format!(
            "{now} open files when {count} clients had left; {files} before they came"
        ))
    })
}
