//! Memory: what a server keeps of clients that have left.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::check::Check;
use crate::kernel::process;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// So many clients come and go until a server's memory has found its size.
const WARM: u64 = 2_000;
/// So many come and go after that, if there is time: fewer on a slow machine.
const MORE: u64 = 10_000;
/// After this no further client comes. A check has some 14 s for everything.
const AT_MOST: Duration = Duration::from_secs(4);
/// A growth that is nobody's fault: so many bytes, and so many for each client. Servers that keep
/// nothing were seen not to grow by a page.
const ALLOWED_BYTES: u64 = 64 << 10;
const ALLOWED_BYTES_EACH: u64 = 20;

/// So many come at a time, where they come in crowds.
const CROWD: u64 = 50;

/// After 2 000 short clients the server's memory does not grow with 10 000 more, who come one after
/// the other, or with as many as there is time for.
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
    nothing_is_kept(server, |count| crowds_come_and_go(check, server, count))
}

/// Clients come and go by `come_and_go`, which is told how many, and says how many they were.
fn nothing_is_kept(server: &Program, mut come_and_go: impl FnMut(u64) -> Checked<u64>) -> Checked {
    come_and_go(WARM)?;
    let mut grows = || -> Checked<Option<(u64, u64)>> {
        let before = process::anonymous_bytes(server.pid());
        let came = come_and_go(MORE)?;
        let grown = process::anonymous_bytes(server.pid()).saturating_sub(before);
        let is_much = grown > ALLOWED_BYTES + ALLOWED_BYTES_EACH * came;
        Ok(is_much.then_some((grown, came)))
    };
    let mut growth = grows()?;
    if growth.is_some() {
        // An allocator may have taken one more piece for its threads. What is kept grows again.
        growth = grows()?;
    }
    let Some((grown, came)) = growth else {
        return Ok(());
    };
    let saw = format!(
        "its memory grew by {} KiB while {came} clients came and went, {} bytes for each",
        grown >> 10,
        grown / came
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
/// Returns how many they were: `count`, or as many as there was time for, and at least one.
fn come_and_go(check: &mut Check, server: &Program, count: u64) -> Checked<u64> {
    let files = server.open_files().len();
    let begun = Instant::now();
    let mut came = 0;
    while came == 0 || (came < count && begun.elapsed() < AT_MOST) {
        // Each port of an address rests for a minute after a goodbye, so the addresses change.
        let host = Ipv4Addr::new(
            127,
            64 + (check.any_below(64)) as u8,
            (came >> 8) as u8,
            came as u8,
        );
        let mut client = server.connect_from(SocketAddr::new(IpAddr::V4(host), 0))?;
        client.echo(b"hello").plainly()?;
        if came % 2 == 0 {
            client.breaks_off()?;
        }
        came += 1;
    }
    all_have_left(server, files, came)?;
    Ok(came)
}

/// A crowd connects, all of it is answered, and all of it leaves; then the next. Returns how many
/// clients they were, as [`come_and_go`] does.
fn crowds_come_and_go(check: &mut Check, server: &Program, count: u64) -> Checked<u64> {
    let files = server.open_files().len();
    let begun = Instant::now();
    let mut came = 0;
    while came == 0 || (came < count && begun.elapsed() < AT_MOST) {
        let mut clients = server.connect_unanswered(CROWD as usize)?;
        for client in clients.iter_mut() {
            client.send(b"hello").plainly()?;
        }
        for client in clients.iter_mut() {
            client.expect(b"hello").plainly()?;
        }
        for (nth, client) in clients.drain(..).enumerate() {
            // A reset leaves no port behind that rests for a minute; so most leave by one.
            if nth % 2 == 0 || check.any_below(8) > 0 {
                client.breaks_off()?;
            }
        }
        came += CROWD;
        all_have_left(server, files, came)?;
    }
    Ok(came)
}

fn all_have_left(server: &Program, files: usize, came: u64) -> Checked {
    let left = server.owes(|| (server.open_files().len() <= files).then_some(()));
    left.ok_or_else(|| {
        let now = server.open_files().len();
        server.red(format!(
            "{now} open files when {came} clients had left; {files} before they came"
        ))
    })
}
