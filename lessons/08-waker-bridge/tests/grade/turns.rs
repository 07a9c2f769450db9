//! What a turn does with its time-out, and how often it calls a waker: with a probe in the place of
//! the executor.

use std::pin::pin;
use std::time::{Duration, Instant};

use bridge::Bridge;
use grader::{Checked, Explain, Seen, Steps, WakerProbe, check, violation};

use crate::future::{begins_pending, is_woken};
use crate::wire;

/// The time-out of a turn that nothing ends earlier.
const TIME_OUT: Duration = Duration::from_millis(100);
/// What such a turn takes at least; clocks differ a little.
const AT_LEAST: Duration = Duration::from_millis(80);
/// What the quickest of three takes at most, on a busy machine.
const AT_MOST: Duration = Duration::from_secs(1);
/// So many turns may come back early, with events that bring no bytes.
const EARLY_TURNS: usize = 20;

/// Two events and no poll in between: the first calls the waker, and the second finds nobody to
/// call.
///
/// # Hint
/// A waker is left by a poll, and called by an event. What is in the slot after that, until the
/// next poll?
///
/// # Hint
/// Take the waker out of the slot to call it. Then there is nothing to call before somebody has
/// polled again.
#[test]
fn wakes_each_waker_once() {
    check(|c| {
        let (first, more) = (c.payload(100), c.payload(50));
        c.isolated(|steps| call_a_waker_once(steps, &first, &more))
        .explain_when(
            Seen::Panic("on a `None` value"),
            "the second event finds the slot empty, since the first has taken the waker out: whom it would call has been \
             called",
            "what `turn`, or the slot, does when there is no waker",
        )
        .explain(
            "a waker that a poll has left is called by one event, and not again before the next poll",
            "a future that was woken waits for nothing any more: it is polled, and reads all that has come by then. A waker \
             that stays in the slot wakes it once more for bytes that it has read, and is kept alive after its task has ended",
            "what is in the slot after an event",
        )
    });
}

/// A turn with a time-out sleeps that long when nothing comes, and returns. It wakes nobody.
///
/// # Hint
/// `Poll::poll` takes the time-out as it is. What do you give it?
///
/// # Hint
/// What is in `events` after a wait whose time is over? Only for what is in there is a waker
/// called.
#[test]
fn a_turn_ends_when_its_time_is_over() {
    check(|c| {
        c.isolated(end_in_time).explain(
            "a turn with a time-out sleeps for that long when nothing comes, and then returns",
            "the time-out is the caller's word on how long there is nothing else to do: a turn that returns at once makes \
             its caller spin, and one that sleeps on makes it late. `None`, and nothing else, is for ever",
            "what `turn` gives to `Poll::poll`, and how often it waits before it returns",
        )
    });
}

/// Nothing comes, and turns sleep for as long as they are told to.
fn end_in_time(steps: &Steps) -> Checked {
    let (mut bridge, mut reader, _peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    begins_pending(&mut probe, future.as_mut())?;
    steps.now("turns with a time-out of 100 ms, when nothing comes");
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        quickest = quickest.min(sleeps_out(&mut bridge, &probe)?);
    }
    if quickest > AT_MOST {
        return Err(violation(format!(
            "the quickest of three turns with a time-out of 100 ms took {} ms",
            quickest.as_millis()
        )));
    }
    steps.now("a turn with a time-out of zero, when nothing comes");
    wire::turn_for(&mut bridge, Duration::ZERO)
}

/// Bytes come, are left where they are, and more come: two events, and one waker.
fn call_a_waker_once(steps: &Steps, first: &[u8], more: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    begins_pending(&mut probe, future.as_mut())?;
    peer.send(first)?;
    steps.now("a turn when bytes have come");
    is_woken(&mut bridge, &probe)?;
    let wakes = probe.wakes();
    steps.now("turns when more bytes have come, and nobody has polled since the wake");
    peer.send(more)?;
    for _ in 0..EARLY_TURNS {
        let begun = Instant::now();
        wire::turn_for(&mut bridge, TIME_OUT)?;
        if begun.elapsed() >= AT_LEAST {
            break;
        }
    }
    match probe.wakes() - wakes {
        0 => Ok(()),
        again => Err(violation(format!(
            "a waker that had been called was called again ({again} times), and nobody had polled since"
        ))),
    }
}

/// Turns until a turn has slept for its whole time-out, and returns how long that took. In that
/// turn nothing has happened, so it wakes nobody.
fn sleeps_out(bridge: &mut Bridge, probe: &WakerProbe) -> Checked<Duration> {
    let begun = Instant::now();
    for _ in 0..EARLY_TURNS {
        let (turn_begun, wakes) = (Instant::now(), probe.wakes());
        wire::turn_for(bridge, TIME_OUT)?;
        let took = turn_begun.elapsed();
        if took < AT_LEAST {
            continue;
        }
        if probe.wakes() == wakes {
            return Ok(took);
        }
        let woken: Checked<Duration> = Err(violation(
            "nothing came for the whole time-out of a turn, and the turn has called a waker",
        ));
        return woken.explain(
            "a turn that brings no event wakes nobody",
            "a wake makes the executor poll, and the poll finds what the last one has found: nothing. Only an event is a \
             reason to wake; that the sleep is over is none",
            "what `turn` does before it waits, and after a wait that has brought no event",
        );
    }
    Err(violation(format!(
        "{EARLY_TURNS} turns, each with a time-out of 100 ms, came back within {} ms, and nothing had come",
        begun.elapsed().as_millis()
    )))
}
