//! The end of a reactor: who is told, what, and in which order.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use grader::{Checked, Explain, Explanation, Failure, Steps, WakerProbe, check, violation};
use mio::Interest;
use mio::net::{TcpStream, UdpSocket};

use reactor::{Direction, Reactor, Registration};

use crate::wire;
use crate::{moment, task, turning};

/// The ways in which a reactor can end. What is left of it is returned.
const ENDS: [(&str, End); 2] = [
    ("`shutdown`", |reactor| {
        reactor.handle().shutdown();
        Some(reactor)
    }),
    ("the drop of the reactor", |reactor| {
        drop(reactor);
        None
    }),
];

type End = fn(Reactor) -> Option<Reactor>;

/// How many wait when the end comes.
const WAITING: usize = 8;
/// What every poll and every registration meets after the end.
const AN_ERROR: &str = "an error";
/// A turn that has to err.
const TURN_AFTER: &str = "`turn(None)` after";

/// After `shutdown`, and after the reactor is dropped, everybody who waits is woken, and every poll
/// errs, even where something is ready. It is over before anybody is woken. The turn that sleeps
/// comes back or errs, and every later one errs.
///
/// # Hint
/// Readers and writers, those who wait and those who will ask tomorrow, and those who are just
/// registering. Who is told, and how?
///
/// # Hint
/// First write down that it is over, where every poll and every registration looks. Then wake
/// everybody, with no lock in your hand, then ring.
///
/// # Hint: and from inside it
/// When the first waker is called, does every poll and every registration find
/// written down that it is over?
#[test]
fn shutdown_releases_everyone_with_an_error() {
    check(|c| {
        let bytes = c.payload(100);
        let expected = "every task that waits is woken when the reactor ends, and every poll from then on errs";
        let why = "nobody will ever turn this reactor again: a task that is left waiting is left for good, and one that \
                   goes on because something is still ready finds out later, in the middle of its work";
        let look = "whom `shutdown` tells that it is over, and what the drop of the reactor does";
        for (what, how) in ENDS {
            c.isolated(|steps| releases_everyone(steps, &bytes, what, how))
                .explain_by(|failure| {
                    if failure.saw.contains(TURN_AFTER) {
                        return TURNS_AFTER;
                    }
                    Explanation {
                        expected,
                        why,
                        look,
                    }
                })?;
        }
        for (what, how) in ENDS {
            c.isolated(|steps| is_over_when_it_wakes(steps, what, how))
                .explain_by(what_a_woken_task_met)?;
        }
        c.isolated(moment::meets_the_end).explain(
            "a registration that is made at the moment of the end has failed, or its polls err",
            "whether it is over is asked when the source is taken, and the end goes through the sources that there are. If those \
             are two steps of `Registration::new`, the end may come between them: it has not seen this source, and nobody \
             will ever tell it",
            "whether the look at the end, and the taking of the source, are under one guard",
        )?;
        c.isolated(moment::ends_the_turn_that_sleeps).explain(
            "`shutdown` ends the turn that sleeps, for good",
            "the turn comes back when the bell rings, and the next one looks whether it is over. A ring that is older than the \
             end brings it out too early: it looks, finds nothing, and sleeps again; and without a ring it does not wake at all",
            "what `shutdown` does last",
        )
    });
}

/// Of a turn after the end.
const TURNS_AFTER: Explanation = Explanation {
    expected: "every turn after the end errs, at once",
    why: "the one ring of `shutdown` ends one sleep. A turn that looks only when its sleep is over, or that tells of the end \
          once, leaves the next one to sleep for ever",
    look: "what `turn` does before it sleeps",
};

/// A reader and a writer wait, a third is ready; then the reactor ends, by `end`.
fn releases_everyone(steps: &Steps, bytes: &[u8], what: &str, end: End) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let [mut reader, mut writer, mut third] = [0; 3].map(|_| WakerProbe::new());
    let (reading, _other_end) = wire::line()?;
    task::waits(&reading, &mut reader)?;
    steps.now("turns that tell of an empty socket, and writes until it is full");
    let (writing, _its_other_end, _) = task::full_line(&mut reactor, &mut writer)?;
    let mut neighbour = WakerProbe::new();
    task::waits(&writing, &mut neighbour)?;
    let (ready, mut peer) = wire::line()?;
    peer.send(bytes)?;
    turning::until_told(&mut reactor)?;
    task::is_ready(&ready, &mut third)?;
    steps.now(what);
    let reactor = end(reactor);
    for (probe, whom) in [
        (&reader, "reader"),
        (&writer, "writer"),
        (&neighbour, "reader, at the socket of a writer,"),
    ] {
        if probe.wakes() == 0 {
            return Err(violation(format!(
                "after {what}, the waker of a {whom} who waits was not called"
            )));
        }
    }
    for (line, direction, which) in [
        (&reading, Direction::Read, "a reader that had to wait"),
        (&writing, Direction::Write, "a writer that had to wait"),
        (&ready, Direction::Read, "a reader whose socket is ready"),
    ] {
        errs(
            line,
            direction,
            &format!("after {what}, the poll of {which}"),
        )?;
    }
    let late = UdpSocket::bind(([127, 0, 0, 1], 0).into())?;
    if Registration::new(late, Interest::READABLE).is_ok() {
        return Err(violation(format!(
            "after {what}, a new source was registered"
        )));
    }
    let Some(mut reactor) = reactor else {
        return Ok(());
    };
    for turn in ["first", "second", "third"] {
        steps.now(&format!("the {turn} {TURN_AFTER} {what}"));
        if reactor.turn(None).is_ok() {
            return Err(violation(format!(
                "the {turn} {TURN_AFTER} {what} returned `Ok`"
            )));
        }
    }
    Ok(())
}

/// Several wait. Each waker that the end calls polls all of their registrations, and registers
/// another source, on the spot.
fn is_over_when_it_wakes(steps: &Steps, what: &str, end: End) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let mut lines = Vec::new();
    let mut peers = Vec::new();
    for _ in 0..WAITING {
        let (line, peer) = wire::line()?;
        lines.push(line);
        peers.push(peer);
    }
    let lines = Arc::new(lines);
    let met: Arc<Mutex<Vec<&str>>> = Arc::default();
    let mut probes = Vec::new();
    for own in 0..WAITING {
        let (weak, met) = (Arc::downgrade(&lines), Arc::clone(&met));
        let looks = move || {
            let Some(lines) = weak.upgrade() else { return };
            let mut found: Vec<_> = (0..)
                .zip(lines.iter())
                .map(|(other, line)| meets(line, other == own))
                .collect();
            let late = UdpSocket::bind(([127, 0, 0, 1], 0).into());
            let registered = late.and_then(|late| Registration::new(late, Interest::READABLE));
            found.push(registered.map_or(AN_ERROR, |_| "a new source was registered"));
            met.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(found);
        };
        let mut probe = WakerProbe::answering(looks);
        task::waits(&lines[own], &mut probe)?;
        probes.push(probe);
    }
    steps.now(&format!(
        "{what}, which calls wakers that poll and register"
    ));
    let _reactor = end(reactor);
    let met = met.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(met) = met.iter().find(|met| **met != AN_ERROR) {
        return Err(violation(format!(
            "{what} has called a waker, and from inside it {met}"
        )));
    }
    if probes.iter().any(|probe| probe.wakes() == 0) {
        return Err(violation(format!(
            "after {what}, the waker of a reader who waits was not called"
        )));
    }
    Ok(())
}

/// What a woken task meets at a source: its own, or that of another who waits.
fn meets(line: &Registration<TcpStream>, own: bool) -> &'static str {
    let mut cx = Context::from_waker(Waker::noop());
    match (line.poll_ready(&mut cx, Direction::Read), own) {
        (Poll::Ready(Err(_)), _) => AN_ERROR,
        (Poll::Ready(Ok(_)), true) => "`poll_ready` was ready",
        (Poll::Pending, true) => "`poll_ready` was pending",
        (Poll::Ready(Ok(_)), false) => "`poll_ready` of another source was ready",
        (Poll::Pending, false) => "`poll_ready` of another source was pending",
    }
}

/// A waker that is stuck there waits for a lock.
fn what_a_woken_task_met(failure: &Failure) -> Explanation {
    if failure.saw.starts_with("this does not come to an end") {
        return Explanation {
            expected: "a waker that the end calls may poll and register, on the spot",
            why: "a thread that waits for itself waits without end: a lock is held where `wake` is called, and the one who is \
                  woken asks for it",
            look: "which locks are held where the end calls its wakers",
        };
    }
    if failure.saw.contains("of another source") {
        return Explanation {
            expected: "every source is at its end before anybody is woken to be told so",
            why: "a task that is woken looks at once, and not only at the source that it waits for. Where the sources are \
                  ended and their tasks woken one by one, it finds the next one alive, and goes on there, or waits anew",
            look: "whether the end goes through the sources once, or first ends them all and then wakes",
        };
    }
    Explanation {
        expected: "the reactor is over before anybody is woken to be told so",
        why: "a task that is woken looks at once, on this thread or on one that is faster. An end that is written down only after \
              the calls shows it a reactor that seems to live: it waits again, for a call that has been and gone, \
              or registers with a reactor that nobody turns",
        look: "in which order the end writes down that it is over, and wakes",
    }
}

fn errs(line: &Registration<TcpStream>, direction: Direction, what: &str) -> Checked {
    let mut cx = Context::from_waker(Waker::noop());
    let mut tried = false;
    let polled = line.poll_io(&mut cx, direction, |_| {
        tried = true;
        Ok(())
    });
    match (polled, line.poll_ready(&mut cx, direction)) {
        (Poll::Ready(Err(_)), Poll::Ready(Err(_))) if !tried => Ok(()),
        (Poll::Pending, _) | (_, Poll::Pending) => Err(violation(format!(
            "{what} is pending: nobody will ever wake it"
        ))),
        _ => Err(violation(format!("{what} does not err"))),
    }
}
