//! The contract of every echo server, however it is built.

use crate::check::Check;
use crate::client::Client;
use crate::client::backpressure::Stream;
use crate::contracts::departures::RESET_IN_THE_BACKLOG;
use crate::program::Program;
use crate::reach;
use crate::verdict::Cause;
use crate::verdict::explain::{Explain, SuggestRest};
use crate::verdict::stop::Checked;

/// Memory that a server may need for a client that never reads; the kernel's own buffers are not
/// the server's.
const GROWTH_BYTES: u64 = 16 << 20;

/// The most that a server may hold of one client, in bytes: read, and not written yet.
const MOST_HELD_BYTES: u64 = 1 << 20;

/// The words for bytes that lie unread while the program sleeps.
pub(super) const UNHEARD: &str = "bytes of this client lie unread, and the program sleeps: it waits for something \
                                 else, or the news of them has not reached the thread or task that is to read. It \
                                 came when nobody waited, and was not kept; or one waits and has left no word of it";
pub(super) const AT_THE_NEWS: &str = "how the program comes to hear of bytes, and what becomes of the news when nobody waits for it just then";

/// Any bytes, of any length, come back unchanged.
///
/// # Errors
/// Red, when they do not.
pub fn comes_back(check: &mut Check, server: &Program) -> Checked {
    let mut client = server.connect()?;
    // Among them are the usual lengths of buffers: a server that waits for one byte more than the
    // client has sent waits for ever.
    for len in [
        1, 100, 512, 1_024, 4_096, 5_000, 8_192, 16_384, 65_536, 70_000, 1_200_000,
    ] {
        let echoed = client.echo(&check.payload(len)).explain_when(
            Cause::HungUp,
            "a client is served until it says goodbye, and it has not done that: it has asked once more. Whoever hangs up \
             has taken something else for the goodbye, or has served it once and was done",
            "what ends the serving of a client, and when its socket is dropped",
        );
        let echoed = echoed.explain_when(Cause::Unheard, UNHEARD, AT_THE_NEWS);
        echoed.plainly().suggest(
            "every byte comes back as it was sent, whatever its value and whatever came before it",
            "a read gives some of the bytes and says how many; a write takes some of them and says how many; bytes are \
             not text; and whoever waits for more than the client has sent waits for ever",
            "what happens to a byte between the read and the write, and what the read waits for",
        )?;
    }
    Ok(())
}

/// A client that leaves by a reset harms no other client. `bystander` is a client that is served at
/// the same time, if the server can do that.
///
/// # Errors
/// Red, when it does harm.
pub fn survives_a_reset(
    check: &mut Check,
    server: &Program,
    mut bystander: Option<&mut Client>,
) -> Checked {
    // Bytes that came before the reset are still read, and then the write of the answer fails.
    // Without such bytes the read fails.
    for unread in [100, 0] {
        let mut reckless = server.connect()?;
        reckless.echo(&check.payload(100)).suggest(
            "a client that connects is served",
            "a client that has connected and gets no answer waits in the kernel: either the client itself does, at \
             the listener, or its bytes do, unread",
            "the autopsy says which of the two it is",
        )?;
        server.suspend()?;
        reckless.send(&check.payload(unread))?;
        reckless.reset()?;
        server.resume()?;
        let others = bystander
            .as_mut()
            .map_or(Ok(()), |client| client.echo(&check.payload(100)));
        let next = others.and_then(|()| server.connect()?.echo(&check.payload(100)));
        let met_error = "the read or write that meets a reset returns an error; with `?` or `unwrap` on its way up, one \
                         client's crash becomes everybody's";
        let look = "where an error of a client's read or write goes";
        next.explain_when(Cause::Ended, met_error, look).suggest(
            "a reset ends the client that sent it, and nobody else",
            "the read or write that meets a reset returns an error. Whoever takes it for `nothing yet` comes back to that \
             client for ever, and whoever leaves the loop over all clients because of it serves nobody any more",
            look,
        )?;
    }
    Ok(())
}

/// A client that resets while it still waits to be accepted harms no other client.
///
/// # Errors
/// Red, when it does harm.
pub fn survives_a_reset_before_accept(
    check: &mut Check,
    server: &Program,
    bystander: &mut Client,
) -> Checked {
    server.suspend()?;
    let hasty = server.connect()?;
    reach("a client that waits to be accepted", || {
        server.waiting_clients() == 1
    })?;
    hasty.reset()?;
    server.resume()?;
    // Once a later client is served, the server has dealt with the one that was reset.
    let next = server
        .connect()
        .and_then(|mut next| next.echo(&check.payload(100)));
    let (why, look) = RESET_IN_THE_BACKLOG;
    next.and_then(|()| bystander.echo(&check.payload(100)))
        .suggest(
            "a client that resets before it is accepted ends nobody, not even the accept that finds it",
            why,
            look,
        )
}

/// The server keeps the bytes that a full socket refuses, sends them later, and serves the other
/// clients meanwhile.
///
/// # Errors
/// Red, when bytes are lost or the others wait.
pub fn keeps_what_a_full_socket_refused(check: &mut Check, server: &Program) -> Checked {
    let stream = Stream::new(check.payload(1_000_003));
    let mut other = server.connect()?;
    let mut greedy = server.connect_with_small_window(16 * 1024)?;
    let why = "a non-blocking write takes what fits into the socket's buffer and returns how much that was, or \
               WouldBlock; whoever forgets the rest, or waits for it on the spot, loses bytes or everybody's time";
    let look = "what becomes of the bytes that `write` did not take, and which event brings you back to them";
    let gave_up = "a non-blocking write to a full socket is answered with WouldBlock, which is an error to `?`, to \
                   `unwrap` and to `write_all`. It means `not now`, and no more";
    let expected = "others are served while one client's socket is full";
    let pressed = greedy.press(&stream).map(drop);
    pressed
        .and_then(|()| other.echo(&check.payload(100)))
        .explain_when(Cause::HungUp, gave_up, look)
        .explain_when(Cause::Ended, gave_up, look)
        .suggest_rest(expected, why, look)?;
    // The client sends nothing at first: the event of a new byte would bring the server back by
    // chance. Then it sends much.
    let drained = greedy
        .drain(&stream, 0)
        .and_then(|()| greedy.drain(&stream, 256 * 1024));
    let drained = drained
        .explain_when(Cause::HungUp, gave_up, look)
        .explain_when(Cause::Ended, gave_up, look);
    drained.suggest(
        "every byte comes back in the end, in order, even those that a full socket refused at first",
        why,
        look,
    )
}

/// The server stops reading from a client that sends and does not read; when that client reads at
/// last, it gets everything.
///
/// How a server comes to read again depends on how it is told of readiness: `why` and `look` say
/// what usually goes wrong there.
///
/// # Errors
/// Red, when the server's memory grows by what is sent, or when bytes are lost.
pub fn stops_reading_from_a_client_that_never_reads(
    check: &mut Check,
    server: &Program,
    why: &str,
    look: &str,
) -> Checked {
    let stream = Stream::new(check.payload(1_000_003));
    let mut hoarder = server.connect_with_small_window(16 * 1024)?;
    let before = server.resident_bytes();
    let kept = "a client that sends and does not read is kept waiting, and not hung up on";
    let gave_up = "its socket is full, and a write there is answered with WouldBlock. It means `not now`; taken for the \
                   loss of the client, it costs the client everything that it has not read yet";
    let at_write = "what becomes of an error of the write, and of the bytes that it did not take";
    let flooded = hoarder.flood(&stream, 64 << 20);
    flooded
        .explain_when(Cause::HungUp, gave_up, at_write)
        .plainly()
        .suggest_rest(kept, gave_up, at_write)?;
    let grown = server.resident_bytes().saturating_sub(before);
    if grown >= GROWTH_BYTES {
        let (grown, sent) = (grown >> 20, hoarder.sent() >> 20);
        return Err(server.red(format!("its memory grew by {grown} MiB while {sent} MiB were sent to it")).suggest(
            "the memory for a client that never reads stays small (16 MiB are allowed, a few KiB are enough)",
            "whoever reads although nothing can be written keeps the difference: one such client per attack is \
             enough. Whoever stops reading lets TCP tell the client to stop sending",
            "whether you still read from a client while bytes for it are pending",
        ));
    }
    let held = hoarder.settle()?.held;
    if held > MOST_HELD_BYTES {
        return Err(server.red(format!("it holds {held} bytes of a client that reads nothing")).suggest(
            "what the program holds for one client stays below 1 MiB; a few KiB are enough",
            "a client that never reads costs the server what it has read from it and cannot write. A bound of many MiB is \
             reached by a few such clients",
            "how much you read from a client while bytes for it are pending",
        ));
    }
    // When this client begins to read, all its bytes have arrived: no event of an arriving byte
    // brings the server back to those that it has not read.
    let mut late_reader = server.connect_with_small_window(16 * 1024)?;
    let pressed = late_reader.press(&stream).map(drop);
    pressed
        .explain_when(Cause::HungUp, gave_up, at_write)
        .plainly()
        .suggest_rest(kept, gave_up, at_write)?;
    late_reader.send(
        stream
            .from(late_reader.sent(), 32 * 1024)
            .to_vec()
            .as_slice(),
    )?;
    late_reader.settle()?;
    let all_back = late_reader.drain(&stream, 0);
    all_back
        .and_then(|()| hoarder.drain(&stream, 0))
        .plainly()
        .suggest(
            "a client that reads at last gets everything it ever sent",
            why,
            look,
        )
}

/// Clients come and go: the server keeps no file and no registration of them, and runs on.
///
/// # Errors
/// Red, when open files or registrations remain, or when the next client is not served.
pub fn forgets_clients_that_left(server: &Program, count: usize) -> Checked {
    let files = server.open_files().len();
    let registered = server.registrations().len();
    let mut clients = server.connect_many(count)?;
    // One client in eight resets: the server must forget it like one that said goodbye.
    let who_stays = clients.len() / 8 * 7;
    clients.drain(who_stays..).try_for_each(Client::reset)?;
    drop(clients);
    let clean = || server.open_files().len() <= files && server.registrations().len() <= registered;
    server.owes(|| clean().then_some(())).ok_or_else(|| {
        let (files_now, registered_now) = (server.open_files().len(), server.registrations().len());
        // A failure says nothing about registrations when the program uses no epoll.
        let epoll = registered + registered_now > 0;
        let (saw, expected) = if epoll {
            let now = format!("{files_now} open files and {registered_now} registrations");
            let saw = format!("{now}; {files} and {registered} before they came");
            (saw, "when clients have left, their descriptors are closed and no longer registered")
        } else {
            let saw = format!("{files_now} open files; {files} before they came");
            (saw, "when clients have left, their descriptors are closed")
        };
        let cause = if server.spins() {
            Cause::Spins
        } else {
            Cause::Keeps
        };
        server.red(saw).caused(Some(cause)).suggest(
            expected,
            "a connection closes when the last owner of its socket is dropped; a map entry, a clone or a list that \
             keeps one keeps the descriptor, until there are none left",
            "who owns a client's socket when the client has said goodbye, and when its read has failed",
        )
    })?;
    // A program that has ended keeps nothing either: only a further client shows that this one
    // runs.
    let next = server
        .connect()
        .and_then(|mut next| next.echo(b"still there?"));
    next.suggest(
        "when clients have left, those who stay are served on, and so is whoever comes next",
        "their leaving is nothing unusual: an error, or an index into a list that has become shorter, must not end \
         the program",
        "what happens to your list of clients while one of them is taken out",
    )
}
