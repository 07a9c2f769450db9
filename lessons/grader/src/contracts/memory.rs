//! Memory: what a server keeps of clients that have left.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::check::Check;
use crate::kernel::process;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// So many clients come and go until a server's memory has found its size.
const WARM: usize = 2_000;
/// So many come and go after that, a tenth of them at a time.
const MORE: usize = 10_000;
/// Where that takes longer than this, on a slow machine, it is fewer. What is kept of a client
/// shows with some thousand of them too.
const ENOUGH_TIME: Duration = Duration::from_secs(6);
/// A growth that is nobody's fault: so many bytes a client, and these in all. Servers that keep
/// nothing were seen not to grow by a page.
const ALLOWED_EACH: u64 = 20;
const ALLOWED_BYTES: u64 = 64 << 10;

/// After 2 000 short clients the server's memory does not grow with 10 000 more; on a slow machine
/// with fewer.
///
/// # Errors
/// Red, when it does, or when a client is not served.
pub fn nothing_is_kept_of_clients_that_left(check: &mut Check, server: &Program) -> Checked {
    come_and_go(check, server, WARM)?;
    let before = process::anonymous_bytes(server.pid());
    let begun = Instant::now();
    let mut more = 0;
    while more < MORE && (more == 0 || begun.elapsed() < ENOUGH_TIME) {
        come_and_go(check, server, MORE / 10)?;
        more += MORE / 10;
    }
    let grown = process::anonymous_bytes(server.pid()).saturating_sub(before);
    if grown <= ALLOWED_BYTES + ALLOWED_EACH * more as u64 {
        return Ok(());
    }
    let each = grown / more as u64;
    let saw = format!(
        "its memory grew by {} KiB while {more} clients came and went, {each} bytes for each",
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
    let left = server.owes(|| (server.open_files().len() <= files).then_some(()));
    left.ok_or_else(|| {
        let now = server.open_files().len();
        server.red(format!(
            "{now} open files when {count} clients had left; {files} before they came"
        ))
    })
}
