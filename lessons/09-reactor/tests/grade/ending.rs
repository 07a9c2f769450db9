//! The end of a reactor: who is told, what, and in which order.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use grader::{Checked, Explain, Explanation, Failure, Steps, WakerProbe, check};
use mio::Interest;
use mio::net::{TcpStream, UdpSocket};
use reactor::{Direction, Reactor, Registration};

use crate::bell::a_thread_sleeps_in_turn;
use crate::wire::{self, violation};
use crate::{task, turning};

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
        let expected =
            "whoever waits is woken when the reactor ends, and every poll from then on errs";
        let why = "nobody will ever turn this reactor again: a task that is left waiting is left for good, and one that \
                   goes on because something is still ready finds out later, in the middle of its work";
        let look = "whom `shutdown` tells that it is over, and what the drop of the reactor does";
        for (what, how) in ENDS {
            c.isolated(|steps| releases_everyone(steps, &bytes, what, how))
                .explain(expected, why, look)?;
        }
        for (what, how) in ENDS {
            c.isolated(|steps| is_over_when_it_wakes(steps, what, how))
                .explain_by(what_a_woken_task_met)?;
        }
        c.isolated(ends_the_turn_that_sleeps)
            .explain(expected, why, look)
    });
}

/// A reader and a writer wait, a third is ready; then the reactor ends, by `end`.
fn releases_everyone(steps: &Steps, bytes: &[u8], what: &str, end: End) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let [mut reader, mut writer, mut third] = [0; 3].map(|_| WakerProbe::new());
    let (reading, _other_end) = wire::line()?;
    task::waits(&reading, &mut reader)?;
    steps.now("turns that tell of an empty socket, and writes until it is full");
    let (writing, _its_other_end, _) = task::full_line(&mut reactor, &mut writer)?;
    let (ready, mut peer) = wire::line()?;
    peer.send(bytes)?;
    turning::until_told(&mut reactor)?;
    task::is_ready(&ready, &mut third)?;
    steps.now(what);
    let reactor = end(reactor);
    for (probe, whom) in [(&reader, "reader"), (&writer, "writer")] {
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
    steps.now(&format!("`turn(None)` after {what}"));
    // The first one may still hear the bell.
    for _ in 0..2 {
        if reactor.turn(None).is_err() {
            return Ok(());
        }
    }
    Err(violation(format!(
        "after {what}, `turn` returned `Ok` twice"
    )))
}

/// A waker that the end calls polls its registration, and registers another source, on the spot.
fn is_over_when_it_wakes(steps: &Steps, what: &str, end: End) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let (line, _other_end) = wire::line()?;
    let line = Arc::new(line);
    let met: Arc<Mutex<Vec<&str>>> = Arc::default();
    let looks = {
        let (line, met) = (Arc::downgrade(&line), Arc::clone(&met));
        move || {
            let Some(line) = line.upgrade() else { return };
            let mut cx = Context::from_waker(Waker::noop());
            let polled = match line.poll_ready(&mut cx, Direction::Read) {
                Poll::Ready(Err(_)) => "an error",
                Poll::Ready(Ok(_)) => "`poll_ready` was ready",
                Poll::Pending => "`poll_ready` was pending",
            };
            let late = UdpSocket::bind(([127, 0, 0, 1], 0).into());
            let registered = late.and_then(|late| Registration::new(late, Interest::READABLE));
            let registered = registered.map_or("an error", |_| "a new source was registered");
            let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
            met.extend([polled, registered]);
        }
    };
    let mut probe = WakerProbe::answering(looks);
    task::waits(&line, &mut probe)?;
    steps.now(&format!(
        "{what}, which calls a waker that polls and registers"
    ));
    let _reactor = end(reactor);
    let met = met.lock().unwrap_or_else(PoisonError::into_inner);
    if met.is_empty() {
        return Err(violation(format!(
            "after {what}, the waker of a reader who waits was not called"
        )));
    }
    match met.iter().find(|met| **met != "an error") {
        None => Ok(()),
        Some(met) => Err(violation(format!(
            "{what} has called a waker, and from inside it {met}"
        ))),
    }
}

/// Whoever is stuck there waits for a lock.
fn what_a_woken_task_met(failure: &Failure) -> Explanation {
    if failure.saw.starts_with("this does not come to an end") {
        return Explanation {
            expected: "a waker that the end calls may poll and register, on the spot",
            why: "a thread that waits for itself waits without end: a lock is held where `wake` is called, and the one who is \
                  woken asks for it",
            look: "which locks are held where the end calls its wakers",
        };
    }
    Explanation {
        expected: "the reactor is over before anybody is woken to be told so",
        why: "whoever is woken looks at once, on this thread or on one that is faster. An end that is written down only after \
              the calls shows him a reactor that seems to live: he waits again, for a call that has been and gone, \
              or registers with somebody who is gone",
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

/// A thread sleeps in a turn when the reactor is shut down.
fn ends_the_turn_that_sleeps(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let handle = reactor.handle();
    steps.now("`shutdown` while a thread turns without end");
    thread::scope(|scope| {
        scope.spawn(|| while reactor.turn(None).is_ok() {});
        let asleep = a_thread_sleeps_in_turn(steps);
        handle.shutdown();
        asleep
    })
}
