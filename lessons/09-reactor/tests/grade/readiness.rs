//! Readiness is state: what is remembered of an event, until when, and what may take it back.

use std::cell::Cell;
use std::io::Read;
use std::task::Poll;

use grader::{Checked, Explain, Steps, WakerProbe, check};
use reactor::Direction;

use crate::wire::{self, violation};
use crate::{task, turning};

/// Readiness that came before the first poll is found by it, and stays until a read is refused: looking does not use it
/// up, and neither does a read that takes only a part.
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
        c.apart(|steps| waits_for_the_first_poll(steps, &bytes)).explain_rest(
            "a poll that comes after the event is ready at once",
            "an event is dispatched when it comes, and perhaps nobody has polled by then. Who only passes it on, to \
             whoever waits just now, has lost it for all who come later",
            "what is written down when an event comes",
        )?;
        c.apart(|steps| is_not_used_up(steps, &bytes)).explain_rest(
            "a source is ready until a try is refused, however often it is asked, and however little is read",
            "the kernel tells of these bytes once. If a poll uses the readiness up, a small buffer or a future that is \
             dropped before it reads leaves the rest lying there, and no event will ever come for it",
            "what `poll_ready` changes when it is ready",
        )
    });
}

/// A clear takes back what was seen before the read, and never an event that has come since.
///
/// # Hint
/// The read is refused, then bytes come, the reactor turns, and only then do you clear. What exactly may be cleared?
///
/// # Hint
/// Count the events of each direction. `poll_ready` says the count along with its answer; that is the tick.
///
/// # Hint
/// `clear(tick)` changes something only if the count is still the same. `poll_io` then asks `poll_ready` again.
#[test]
fn clearing_never_erases_a_newer_event() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| outlives_a_clear(steps, &bytes)).explain_rest(
            "in `poll_io`, an event that comes after the refused try and before the clear leads to another try",
            "a refusal says something about the moment of the read. What is cleared later may be younger than that, and \
             whoever clears without asking how old it is erases an event that was meant for him",
            "how `clear` knows that nothing has happened since the tick",
        )
    });
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

/// In the closure of `poll_io`, between the refused read and its return, bytes come and the reactor turns.
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
        // It may as well ask to be polled once more.
        (Poll::Pending, _) if probe.wakes() > 0 => {
            task::reads(&line, &mut probe, &mut [0; 4096], bytes.len())
        }
        (Poll::Pending, 0) => Err(violation(
            "the socket was ready by its event, and `poll_io` has not even tried",
        )),
        (Poll::Pending, tries) => Err(violation(format!(
            "bytes came after read {tries} was refused and before that was cleared; `poll_io` is pending, and nobody was woken"
        ))),
        (Poll::Ready(answer), tries) => Err(violation(format!(
            "after {tries} reads `poll_io` returned `Ready({answer:?})`"
        ))),
    }
}
