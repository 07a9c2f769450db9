//! Readiness is state: what is remembered of an event, until when, and what may take it back.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::task::Poll;

use grader::{Checked, Explain, Steps, Stop, WakerProbe, check, violation};
use mio::Interest;
use mio::net::TcpStream;
use reactor::{Direction, Registration};

use crate::wire;
use crate::{refusals, task, turning};

/// How many events come between a tick and its clear: more than eight bits can count.
const EVENTS: usize = 300;

/// A way in which a direction that has nothing to read is refused.
type Refused = fn(&Registration<TcpStream>, &mut WakerProbe) -> Checked;

/// By hand, and by `poll_io`.
const REFUSED: [(&str, Refused); 2] = [
    (
        "a poll after a `clear`, when nothing has happened since",
        |line, probe| task::is_cleared(line, probe, Direction::Read),
    ),
    (
        "a `poll_io` whose read is refused, when nothing has happened since",
        task::is_refused,
    ),
];

/// Readiness that came before the first poll is found by it, and stays until a read is refused:
/// looking does not use it up, and neither does a read that takes only a part.
///
/// # Hint
/// Readiness is a state of the source, not a message to one poll. Who may change it?
///
/// # Hint
/// An event sets it. A refused read takes it back, through `clear`. `poll_ready` only looks.
#[test]
fn readiness_that_came_first_is_remembered() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| waits_for_the_first_poll(steps, &bytes)).explain(
            "a poll that comes after the event is ready at once",
            "an event is dispatched when it comes, and perhaps nobody has polled by then. An event that is only \
             passed on, to those who wait just then, is lost for all who come later",
            "what is written down when an event comes",
        )?;
        c.isolated(|steps| is_not_used_up(steps, &bytes)).explain(
            "a source is ready until a try is refused, however often it is asked, and however little is read",
            "the kernel tells of these bytes once. If a poll uses the readiness up, a small buffer or a future that is \
             dropped before it reads leaves the rest lying there, and no event will ever come for it",
            "what `poll_ready` changes when it is ready",
        )
    });
}

/// A clear takes back what was seen before the read, in the direction that was tried, and never an
/// event that has come since. `poll_io` clears when it is refused.
///
/// # Hint
/// The read is refused, then bytes come, the reactor turns, and only then do you clear.
/// What exactly may be cleared?
///
/// # Hint
/// Count the events of each direction. `poll_ready` hands out the count along with its
/// answer; that is the tick.
///
/// # Hint
/// `clear(tick)` changes something only if the count is still the same. `poll_io` then
/// asks `poll_ready` again.
#[test]
fn clearing_never_erases_a_newer_event() {
    check(|c| {
        let bytes = c.payload(100);
        let cleared = c.isolated(|steps| is_cleared_by_a_refusal(steps, &bytes));
        match &cleared {
            Err(Stop::Red(failure)) if task::spins(failure) => task::seen_anew(failure).explain(
                "`poll_io` clears a try that was refused, and is pending when nothing has happened since",
                "your `clear` works: the step before this one has called it. Where nobody calls it, `poll_ready` says after \
                 each refusal what it has said before, and a loop that goes round again asks until something comes, and \
                 takes all of a core for it",
                "what `poll_io` does between a refusal and the next `poll_ready`",
            ),
            _ => cleared.explain(
                "what was refused and cleared is pending, as long as nothing has happened since",
                "a readiness lasts until it turns out to be wrong. The refusal shows it, and `clear` writes it down",
                "what `clear` compares and changes, and what `poll_io` does with a refusal",
            ),
        }?;
        c.isolated(|steps| keeps_the_other_direction(steps, &bytes)).explain(
            "a refused read takes back that there was something to read, and a refused write that there was room",
            "a refusal speaks of the direction that was tried, and of no other. What is taken from the other one along with it \
             comes back with no event: for the kernel nothing has changed there, and the next write waits for ever",
            "how much `clear` changes, and which direction a tick is for",
        )?;
        c.isolated(|steps| outlives_a_clear(steps, &bytes)).explain(
            "in `poll_io`, an event that comes after the refused try and before the clear leads to another try",
            "a refusal says something about the moment of the read. What is cleared later may be younger than that, and \
             a clear that does not ask how old it is erases an event that this very task has to hear of",
            "how `clear` knows that nothing has happened since the tick",
        )?;
        c.isolated(refusals::are_never_handed_out).explain(
            "`poll_io` never returns WouldBlock: after each refusal it tries again, or is pending",
            "an event may come after each refused try, and each is a reason to try again. A task that gets WouldBlock from a poll was \
             promised nothing: it takes it for an error, or waits for a call that nobody owes",
            "how often your `poll_io` goes round, and what it returns when it stops",
        )?;
        c.isolated(outlives_many_events).explain(
            "a clear is ignored when there was an event since its tick: one, two, or three hundred",
            "a task that was refused may come back late, and by then the reactor has turned many times. A count that comes round \
             to the old number says that nothing has happened, and an event is erased",
            "how far your tick can count before it comes back to the same number",
        )?;
        c.isolated(|steps| leaves_those_who_wait(steps, &bytes)).explain(
            "a clear takes back a readiness, and nothing else: a task that waits goes on waiting, and is called",
            "two tasks may be refused one after the other, and clear with the same tick. By the time of the second clear the \
             first task waits already. What is taken from it then is a promise: it was told `Pending`",
            "what else your `clear` touches besides the readiness",
        )?;
        c.isolated(|steps| passes_on_errors(steps, &bytes)).explain(
            "`poll_io` clears when its closure says WouldBlock, and for no other answer, which it returns as it is",
            "only WouldBlock says that there is nothing more. A read that was interrupted, or that has fetched an error, says \
             nothing about the bytes behind it, and for those no event will come again",
            "which answers of the closure make your `poll_io` clear, and which it tries again",
        )
    });
}

/// Many events come between a poll and the clear that shows its tick.
fn outlives_many_events(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(b"!")?;
    turning::until_told(&mut reactor)?;
    let early = task::is_ready(&line, &mut probe)?;
    for events in 1..=EVENTS {
        wire::empty(&line)?;
        peer.send_soon(b"!")?;
        turning::until_told(&mut reactor)?;
        line.clear(early);
        steps.now(&format!(
            "a clear, when there were {events} events since its tick"
        ));
        if !matches!(
            task::poll_ready(&line, &mut probe, Direction::Read)?,
            Poll::Ready(Ok(_))
        ) {
            return Err(violation(format!(
                "{events} events came after the poll that gave out a tick; a clear with that tick has erased the latest"
            )));
        }
    }
    Ok(())
}

/// A clear comes twice with the same tick, and in between a task has left its waker.
fn leaves_those_who_wait(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    turning::until_told(&mut reactor)?;
    turning::settle(&mut reactor)?;
    let tick = task::is_ready(&line, &mut probe)?;
    wire::empty(&line)?;
    line.clear(tick);
    task::waits(&line, &mut probe)?;
    line.clear(tick);
    peer.send(bytes)?;
    steps.now("an event, when a clear was made twice with one tick, and somebody has begun to wait in between");
    turning::until_woken(&mut reactor, &probe, "the task").map(drop)
}

/// The closure of a `poll_io` is interrupted, and fails, while there is something to read.
fn passes_on_errors(steps: &Steps, bytes: &[u8]) -> Checked {
    for kind in [ErrorKind::Interrupted, ErrorKind::InvalidData] {
        let (mut reactor, _entered) = turning::reactor()?;
        let (line, mut peer) = wire::line()?;
        let mut probe = WakerProbe::new();
        peer.send(bytes)?;
        turning::until_told(&mut reactor)?;
        steps.now(&format!("a `poll_io` whose closure returns {kind:?}"));
        let mut tries = 0;
        let polled = task::poll_io(&line, &mut probe, Direction::Read, |_| {
            tries += 1;
            Err::<(), _>(io::Error::from(if tries < 3 {
                kind
            } else {
                ErrorKind::Other
            }))
        })?;
        match polled {
            Poll::Ready(Err(error)) if error.kind() == kind && tries == 1 => {}
            polled => {
                return Err(violation(format!(
                    "the closure of `poll_io` returned {kind:?}; it was called {tries} times, and `poll_io` returned {polled:?}"
                )));
            }
        }
        steps.now(&format!(
            "a read after a `poll_io` whose closure has returned {kind:?}"
        ));
        task::reads(&line, &mut probe, &mut [0; 4096], bytes.len())?;
    }
    Ok(())
}

/// Bytes come and their event is dispatched before anybody has polled.
fn waits_for_the_first_poll(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    steps.now("an event before the first poll");
    turning::until_told(&mut reactor)?;
    task::is_ready(&line, &mut probe).map(drop)
}

/// Polls that find it ready, and reads that leave something, one after the other.
fn is_not_used_up(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    turning::until_told(&mut reactor)?;
    steps.now("a second poll, when the first has found it ready and nobody has read");
    for _ in 0..2 {
        task::is_ready(&line, &mut probe)?;
    }
    steps.now("reads that take ten bytes each");
    for _ in 0..bytes.len() / 10 {
        task::reads(&line, &mut probe, &mut [0; 10], 10)?;
    }
    Ok(())
}

/// Bytes have come and are gone: once `clear` says so, and once a read in
/// `poll_io` that is refused.
fn is_cleared_by_a_refusal(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    for (what, refused) in REFUSED {
        peer.send(bytes)?;
        turning::until_told(&mut reactor)?;
        wire::empty(&line)?;
        steps.now(what);
        refused(&line, &mut probe)?;
    }
    Ok(())
}

/// A socket is ready to be read and to be written, and one of the two is cleared; then the other.
fn keeps_the_other_direction(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (end, mut peer) = wire::connection()?;
    let line = wire::register(end, Interest::READABLE | Interest::WRITABLE)?;
    let mut probe = WakerProbe::new();
    for (cleared, kept) in [
        (Direction::Read, Direction::Write),
        (Direction::Write, Direction::Read),
    ] {
        peer.send(bytes)?;
        turning::until_told(&mut reactor)?;
        turning::settle(&mut reactor)?;
        let mut ready = |direction, when: &str| match task::poll_ready(
            &line, &mut probe, direction,
        )? {
            Poll::Ready(Ok(tick)) => Ok(tick),
            polled => Err(violation(format!(
                "there are bytes to be read and there is room to write, the event was dispatched, and `poll_ready` of \
                 `{direction:?}` is {polled:?}{when}"
            ))),
        };
        steps.now(&format!(
            "a clear of `{cleared:?}`, when both directions are ready"
        ));
        ready(kept, "")?;
        line.clear(ready(cleared, "")?);
        ready(kept, &format!(" since `{cleared:?}` was cleared"))?;
        wire::empty(&line)?;
    }
    Ok(())
}

/// In the closure of `poll_io`, between the refused read and its return, bytes
/// come and the reactor turns.
fn outlives_a_clear(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let (mut probe, tries) = (WakerProbe::new(), Cell::new(0));
    peer.send(bytes)?;
    turning::until_told(&mut reactor)?;
    // Ready by its event, and empty.
    wire::empty(&line)?;
    steps.now("a turn inside the closure of `poll_io`, after its read was refused");
    let mut stopped = Ok(());
    let polled = task::poll_io(&line, &mut probe, Direction::Read, |mut source| {
        tries.set(tries.get() + 1);
        let answer = source.read(&mut [0; 4096]);
        if tries.get() == 1 && stopped.is_ok() {
            stopped = peer
                .send(bytes)
                .and_then(|()| turning::until_told(&mut reactor));
        }
        answer
    });
    stopped?;
    match (polled?, tries.get()) {
        (Poll::Ready(Ok(n)), _) if n == bytes.len() => Ok(()),
        // It may just as well ask to be polled once more.
        (Poll::Pending, _) if probe.wakes() > 0 => {
            task::reads(&line, &mut probe, &mut [0; 4096], bytes.len())
        }
        (Poll::Pending, 0) => Err(violation(
            "its event had made the socket ready, and `poll_io` has not even tried",
        )),
        (Poll::Pending, tries) => Err(violation(format!(
            "bytes came after read {tries} was refused and before that was cleared; `poll_io` is pending, and nobody was woken"
        ))),
        (Poll::Ready(answer), tries) => Err(violation(format!(
            "after {tries} reads `poll_io` returned `Ready({answer:?})`"
        ))),
    }
}
