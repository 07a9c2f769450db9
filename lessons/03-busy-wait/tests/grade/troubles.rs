//! What `many` has to bear: clients that leave, one that does not read, and a lack of descriptors.

use std::time::{Duration, Instant};

use grader::departures::Server;
use grader::fd_exhaustion::{self, Exhaustion};
use grader::{Cause, Check, Checked, Client, Explain, Program, Stop, Stream, wait};

/// What has to be known of this lesson's server when its clients leave.
pub(super) const SERVER: Server<'_> = Server {
    rests_in: &[],
    serves_many: true,
    bears_a_full_socket: false,
};

/// Why a failed accept does harm here, and where to look.
const ACCEPT_FAILED: (&str, &str) = (
    "EMFILE is the answer to one question at the listener. The client still waits there, and the next round may ask again; \
     `?`, `unwrap` or a `return` on it ends everybody instead",
    "which errors of `accept` lead out of the round, and to where",
);

/// What usually goes wrong without descriptors.
const WORDS: Exhaustion = Exhaustion {
    rests_in: &[],
    served: ACCEPT_FAILED,
    calm: ACCEPT_FAILED,
    waiting: (
        "clients wait at the listener for as long as nobody accepts them. A program that has stopped asking there, because an \
         accept failed once, never learns that there is room again",
        "whether every round asks the listener, whatever it has answered before",
    ),
    rest: ACCEPT_FAILED,
    next: (
        "a listener that was given up while descriptors were short hears of nobody any more",
        "what you did to the listener while descriptors were short",
    ),
};

/// Those who are served stay served, and those who wait come in when there is room.
pub(super) fn run_out(c: &mut Check, server: &Program) -> Checked {
    fd_exhaustion::is_survived(c, server, &WORDS)
}

/// Much more than the kernel keeps for a client that does not read.
const MUCH: u64 = 16 << 20;
/// A socket that takes nothing for so long is full.
const FULL_AFTER: Duration = Duration::from_millis(300);

/// A client sends and does not read. The program may give it up; the others are served on.
pub(super) fn one_that_does_not_read(c: &mut Check, server: &Program) -> Checked {
    let mut bystander = server.connect()?;
    let pace = bystander.pace(c).plainly()?;
    let stream = Stream::new(c.payload(1_000_003));
    let mut silent = server.connect_with_small_window(16 * 1024)?;
    fill(&mut silent, &stream);
    let why = "the socket to a client that does not read is full, and a write there is answered with WouldBlock for as long as \
               the client likes. Tried again on the spot, it keeps the round at this one client";
    let look = "what a round does when a write is answered with WouldBlock";
    let others = bystander
        .keeps_pace(c, &pace)
        .and_then(|()| server.connect()?.echo(&c.payload(100)));
    others.plainly().suggest(
        "while one client sends and does not read, the others are served as quickly as before",
        why,
        look,
    )?;
    // Given up or not: what comes back has no gap.
    match silent.drain(&stream, 0) {
        Err(Stop::Red(failure)) if failure.cause == Some(Cause::HungUp) => {}
        drained => drained.plainly().explain(
            "what comes back to a client that reads at last is what it has sent, from the beginning and without a gap, up to \
             the end or until the program hangs up",
            "a full socket takes a part of a write, or nothing. The client may be given up then, but not served on: the \
             bytes that were not taken would be missing in the middle",
            "how much of its bytes a write has taken, and what becomes of the client when it was not all of them",
        )?,
    }
    let mut silent = server.connect_with_small_window(16 * 1024)?;
    fill(&mut silent, &stream);
    silent.reset()?;
    let others = bystander
        .keeps_pace(c, &pace)
        .and_then(|()| server.connect()?.echo(&c.payload(100)));
    others.plainly().suggest(
        "when a client resets whose socket is full, the others are served as quickly as before",
        "a write to a client that has reset fails with an error that is not WouldBlock. It ends this client, and nobody else",
        "what a round does when a write fails",
    )
}

/// Sends without reading, until nothing more is taken or the program has given the client up.
fn fill(silent: &mut Client, stream: &Stream) {
    while silent.sent() < MUCH {
        let offer = || match silent.offer(stream.from(silent.sent(), 64 * 1024)) {
            Ok(0) => None,
            other => Some(other),
        };
        // An error says that the program has given it up.
        if !matches!(wait::until(Instant::now() + FULL_AFTER, offer), Some(Ok(_))) {
            break;
        }
    }
}
