//! A reactor that is turned by hand, until it has told what the kernel has to tell.

use std::io;
use std::time::{Duration, Instant};

use grader::{Checked, Explain, Steps, Stop, WakerProbe, violation};
use reactor::{Background, Entered, Reactor};

use crate::wire::must;

/// The most that one turn may sleep where something is to come. An event that
/// is there ends it at once.
const TURN: Duration = Duration::from_millis(200);
/// How long turns may take to bring a wake for what the kernel shows as arrived.
const PATIENCE: Duration = Duration::from_secs(2);

/// A reactor, in whose context this thread now is.
pub(crate) fn reactor() -> Checked<(Reactor, Entered)> {
    let reactor = must("`Reactor::new`", Reactor::new())?;
    let entered = reactor.handle().enter();
    Ok((reactor, entered))
}

/// Where a background ends.
const ITS_END: &str = "the drop of the background, whose thread has to come to its end";

/// Drops a background, as a step of its own.
pub(crate) fn ends(steps: &Steps, background: Background) {
    steps.now(ITS_END);
    drop(background);
}

/// What is to be said where a background does not end: the check was about something else.
pub(crate) fn unless_it_ends(checked: Checked) -> Checked {
    match &checked {
        Err(Stop::Red(failure)) if failure.saw.contains(ITS_END) => checked.explain(
            "when its background is dropped, the reactor is shut down, and the thread that turns it ends",
            "all that this check is about holds; what is left is the end. The thread turns until a turn errs, and the drop \
             waits for it: a `shutdown` that does not note the end or does not ring after that, and a turn that does not \
             look before it sleeps, keep it turning",
            "what `shutdown` does, in which order, and what `turn` looks at first",
        ),
        _ => checked,
    }
}

/// Turns the reactor once. Returns how many events it says it has passed on.
pub(crate) fn turn(reactor: &mut Reactor, at_most: Duration) -> Checked<usize> {
    turned(reactor.turn(Some(at_most)))
}

/// A turn that has to succeed. What its error means is for the check to say.
pub(crate) fn turned(told: io::Result<usize>) -> Checked<usize> {
    told.map_err(|error| violation(format!("`turn` failed: {error}")))
}

/// Turns the reactor until it has nothing more to tell.
pub(crate) fn settle(reactor: &mut Reactor) -> Checked {
    let deadline = Instant::now() + PATIENCE;
    while turn(reactor, Duration::ZERO)? > 0 {
        if Instant::now() >= deadline {
            return Err(violation(format!(
                "nothing happens, and `turn` has been passing on events for {} s",
                PATIENCE.as_secs()
            )));
        }
    }
    Ok(())
}

/// Turns the reactor for a while, in which nothing is to happen; no longer than
/// until the probe is woken.
pub(crate) fn while_quiet(reactor: &mut Reactor, probe: &WakerProbe) -> Checked {
    let over = Instant::now() + TURN;
    while probe.wakes() == 0 {
        let left = over.saturating_duration_since(Instant::now());
        turn(reactor, left)?;
        if left.is_zero() {
            break;
        }
    }
    Ok(())
}

/// Turns the reactor until it has passed on an event. The kernel has one to tell.
pub(crate) fn until_told(reactor: &mut Reactor) -> Checked {
    let mut told = 0;
    until(
        reactor,
        &mut told,
        |told| told > 0,
        || "the kernel has an event, and no turn has passed one on".into(),
    )
    .map_err(|stop| match &stop {
        Stop::Red(failure) if failure.saw.contains("no turn has passed one on") => stop.explain(
            "a turn passes on each event that the kernel tells of, and counts it",
            "what this check is about has not begun. The token of an event has to lead to its source; it is noted there, \
             whether a task waits or not",
            "what your turn does with an event, from its token on",
        ),
        _ => stop,
    })
}

/// Turns the reactor until a turn has woken the probe. Returns how many events
/// were passed on meanwhile.
pub(crate) fn until_woken(reactor: &mut Reactor, probe: &WakerProbe, whom: &str) -> Checked<usize> {
    let mut told = 0;
    until(
        reactor,
        &mut told,
        |_| probe.wakes() > 0,
        || {
            let held = match probe.held() {
                0 => "nobody holds it any more",
                _ => "somebody holds it",
            };
            format!("the reactor has turned, and the waker of {whom} was not called; {held}")
        },
    )?;
    Ok(told)
}

fn until(
    reactor: &mut Reactor,
    told: &mut usize,
    mut done: impl FnMut(usize) -> bool,
    otherwise: impl FnOnce() -> String,
) -> Checked {
    let deadline = Instant::now() + PATIENCE;
    while !done(*told) {
        if Instant::now() >= deadline {
            return Err(violation(otherwise()));
        }
        *told += turn(reactor, TURN)?;
    }
    Ok(())
}
