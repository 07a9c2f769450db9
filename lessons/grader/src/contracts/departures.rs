//! Departures: a client leaves by a goodbye, by a reset, or by both, at each moment of its life.
//! The contract of every server, however it is built.
//!
//! Two conditions meet here, and most faults of servers live where two meet: the error that comes
//! while a client still waits to be accepted, behind bytes that nobody has read, or while its
//! socket is full.

use std::fmt;

use crate::check::Check;
use crate::client::Client;
use crate::client::backpressure::Stream;
use crate::client::pace::Pace;
use crate::kernel::threads::Call;
use crate::program::Program;
use crate::reach;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// How a lesson's server is built, as far as this contract has to know it.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// The calls that it may sleep in when nothing is to be done; empty where the lesson's program
    /// never sleeps.
    pub rests_in: &'a [Call],
    /// Whether it serves several clients at a time.
    pub serves_many: bool,
    /// Whether it keeps what a full socket refuses.
    pub bears_a_full_socket: bool,
}

/// No program takes so much from a client that does not read.
const MOST_BYTES: u64 = 64 << 20;

/// How a client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Goodbye,
    Reset,
    /// A goodbye, and then a reset: a read says 0 bytes, and the connection is gone.
    GoodbyeAndReset,
}

/// The moment at which it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// It waits to be accepted.
    InTheBacklog,
    /// Its bytes lie unread.
    BytesUnread,
    /// The program's socket to it is full, and the program holds bytes for it.
    SocketFull,
}

impl Way {
    fn tell(self) -> &'static str {
        match self {
            Self::Goodbye => "says goodbye",
            Self::Reset => "resets its connection",
            Self::GoodbyeAndReset => "says goodbye and then resets its connection",
        }
    }
}

impl Moment {
    fn tell(self) -> &'static str {
        match self {
            Self::InTheBacklog => "while it waits to be accepted",
            Self::BytesUnread => "while its bytes lie unread",
            Self::SocketFull => "while its socket is full and bytes for it are pending",
        }
    }
}

/// Why a reset in the backlog usually does harm, and where to look.
pub(super) const RESET_IN_THE_BACKLOG: (&str, &str) = (
    "the kernel hands out a connection that was reset in the backlog like any other. The first question to its socket may \
     fail, `peer_addr` with NotConnected for example, and it is asked at a point that all clients pass",
    "every `?` and every `unwrap` between `accept` and the place where a client is served",
);

/// Why a departure usually does harm, and where to look.
fn words(way: Way, moment: Moment) -> (&'static str, &'static str) {
    match (way, moment) {
        (Way::GoodbyeAndReset, _) => (
            "a read says 0 bytes, as after any goodbye, and by then the connection is gone: a call that comes after it fails, a \
             shutdown with NotConnected, a write with BrokenPipe. That is the end of this client, and of nobody else",
            "every `?` and every `unwrap` on a client's socket, also behind a read of 0 bytes",
        ),
        (Way::Reset, Moment::InTheBacklog) => RESET_IN_THE_BACKLOG,
        (Way::Goodbye, Moment::InTheBacklog) => (
            "a client may have said all it had to say before it is accepted. Its goodbye is read like any other, by the \
             first read, and brings no event of its own if that one read is not made",
            "what the program does between `accept` and the first read",
        ),
        (Way::Reset, Moment::BytesUnread) => (
            "a reset throws away what was not read. The read or the write that meets it returns an error, and with `?` or \
             `unwrap` on its way up one client's crash becomes everybody's",
            "where an error of a client's read or write goes",
        ),
        (Way::Goodbye, Moment::BytesUnread) => (
            "the goodbye stands behind the last bytes, and both are there at once. What was read has to go back before the \
             socket is closed",
            "what ends the reading, and what is still written after it",
        ),
        (Way::Reset, Moment::SocketFull) => (
            "the bytes that are pending can never be written any more. A write says so by an error, ConnectionReset or \
             BrokenPipe, and a program that waits for room hears of it where it waits. An error that is taken for `not \
             now` keeps the client, its bytes and its descriptor for ever",
            "what an error of a write leads to, and who lets go of the socket then",
        ),
        (Way::Goodbye, Moment::SocketFull) => (
            "the client sends no more, and it still reads. Its goodbye stands in the receive queue for as long as nobody \
             reads it: a program that asks to be told of bytes meanwhile is told of the goodbye, again and again, and one \
             that closes at the goodbye throws away what is pending",
            "what the program waits for at a client that has bytes pending",
        ),
    }
}

/// What a program has open.
#[derive(Clone, Copy, Debug)]
struct Descriptors {
    files: usize,
    registrations: usize,
}

impl Descriptors {
    fn of(program: &Program) -> Self {
        Self {
            files: program.open_files().len(),
            registrations: program.registrations().len(),
        }
    }

    fn are_within(self, bound: Self) -> bool {
        self.files <= bound.files && self.registrations <= bound.registrations
    }
}

impl fmt::Display for Descriptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            files,
            registrations,
        } = self;
        write!(f, "{files} open files and {registrations} registrations")
    }
}

/// Why a program keeps the socket of a client that has left, and where to look.
const KEPT: (&str, &str) = (
    "the end of a client is told by an answer of a read, or of a write, and by nothing else. Where one of these answers is \
     taken for `not now`, or is thrown away, the client stays with its socket, and nothing will ever tell of it again",
    "each answer of a client's read and write, and which of them let go of the client",
);

/// Why a program spins over a client that has left, and where to look.
const TOLD_AGAIN: (&str, &str) = (
    "the client has left, and the program is told so without end: an answer that says several things at once, or another \
     thing than was asked, is an answer too, and one that leads to nothing comes back at once, every time",
    "which answers about a client lead to a read, a write or its removal, and which to nothing",
);

/// Whenever and however a client leaves, the program lives on, rests, keeps nothing of the client,
/// and serves the others at the pace of before.
///
/// # Errors
/// Red, when it does not.
pub fn are_survived(check: &mut Check, program: &Program, server: Server<'_>) -> Checked {
    let mut bystander = None;
    // Counted once, while nobody else is there: a client that has just left may still be counted.
    let mut before = Descriptors::of(program);
    if server.serves_many {
        let mut client = program.connect()?;
        let pace = client.pace(check).plainly()?;
        bystander = Some((client, pace));
        before = Descriptors::of(program);
    }
    for moment in [
        Moment::InTheBacklog,
        Moment::BytesUnread,
        Moment::SocketFull,
    ] {
        if moment == Moment::SocketFull && !server.bears_a_full_socket {
            continue;
        }
        for way in [Way::Goodbye, Way::Reset, Way::GoodbyeAndReset] {
            let done = departs(
                check,
                program,
                server,
                (way, moment),
                before,
                bystander.as_mut(),
            );
            let (why, look) = words(way, moment);
            let expected = format!(
                "a client that {} {} leaves nothing behind and disturbs nobody",
                way.tell(),
                moment.tell()
            );
            let (kept, where_kept) = KEPT;
            done.explain_when(Cause::Ended, why, look)
                .explain_when(Cause::Keeps, kept, where_kept)
                .plainly()
                .suggest(&expected, why, look)?;
        }
    }
    Ok(())
}

fn departs(
    check: &mut Check,
    program: &Program,
    server: Server<'_>,
    (way, moment): (Way, Moment),
    before: Descriptors,
    bystander: Option<&mut (Client, Pace)>,
) -> Checked {
    match moment {
        Moment::InTheBacklog => from_the_backlog(program, way)?,
        Moment::BytesUnread => behind_unread_bytes(check, program, way)?,
        Moment::SocketFull => behind_a_full_socket(check, program, server, way)?,
    }
    let (again, where_again) = TOLD_AGAIN;
    keeps_nothing_and_rests(program, server, before).explain_when(
        Cause::Spins,
        again,
        where_again,
    )?;
    if let Some((client, pace)) = bystander {
        client.keeps_pace(check, pace)?;
    }
    program
        .connect()
        .and_then(|mut next| next.echo(&check.payload(100)))
}

/// Nothing of the client is left, and the program rests again.
fn keeps_nothing_and_rests(program: &Program, server: Server<'_>, before: Descriptors) -> Checked {
    if !server.rests_in.is_empty() {
        // A pause that the program makes over a departure would be over later.
        program.sleeps_in(server.rests_in)?;
    }
    let clean = || Descriptors::of(program).are_within(before);
    program.owes(|| clean().then_some(())).ok_or_else(|| {
        let now = Descriptors::of(program);
        let saw = format!("{now} when the client had left; {before} before it came");
        // Where the lesson's program sleeps, one that does not is told of something without end.
        let spins = !server.rests_in.is_empty() && program.spins();
        let (cause, saw) = match spins {
            true => (Cause::Spins, format!("{saw}; it spins")),
            false => (Cause::Keeps, saw),
        };
        program.red(saw).caused(Some(cause))
    })?;
    if server.rests_in.is_empty() {
        return Ok(());
    }
    program.idles_in(server.rests_in)
}

fn from_the_backlog(program: &Program, way: Way) -> Checked {
    program.suspend()?;
    let mut hasty = program.connect()?;
    reach("a client that waits to be accepted", || {
        program.waiting_clients() == 1
    })?;
    if way != Way::Reset {
        hasty.finish_sending()?;
        hasty.reach_goodbye()?;
    }
    if way != Way::Goodbye {
        hasty.reset()?;
        return program.resume();
    }
    program.resume()?;
    hasty.expect_goodbye()
}

fn behind_unread_bytes(check: &mut Check, program: &Program, way: Way) -> Checked {
    let mut client = program.connect()?;
    client.echo(&check.payload(100))?;
    let bytes = check.payload(5_000);
    program.suspend()?;
    client.send(&bytes)?;
    client.reach_unread(bytes.len() as u64)?;
    if way != Way::Reset {
        client.finish_sending()?;
        client.reach_goodbye()?;
    }
    if way != Way::Goodbye {
        client.reset()?;
        return program.resume();
    }
    program.resume()?;
    client.expect(&bytes)?;
    client.expect_goodbye()
}

fn behind_a_full_socket(
    check: &mut Check,
    program: &Program,
    server: Server<'_>,
    way: Way,
) -> Checked {
    let stream = Stream::new(check.payload(1_000_003));
    let mut client = program.connect_with_small_window(16 * 1024)?;
    client.press(&stream)?;
    if way != Way::Reset {
        client.finish_sending()?;
        client.reach_goodbye()?;
        program.idles_in(server.rests_in)?;
    }
    if way != Way::Goodbye {
        return client.reset();
    }
    client.drain(&stream, 0)?;
    client.expect_goodbye()?;
    // As much as the kernel and the program take: the goodbye stands behind all of it.
    let mut client = program.connect_with_small_window(16 * 1024)?;
    client.flood(&stream, MOST_BYTES)?;
    program.idles_in(server.rests_in)?;
    client.finish_sending()?;
    client.drain(&stream, 0)?;
    client.expect_goodbye()
}
