//! Turns that are ended from outside, and reactors that end.

use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use grader::kernel::threads::{self, Call};
use grader::{Checked, Steps, WakerProbe, wait};
use mio::Interest;
use mio::net::{TcpStream, UdpSocket};
use reactor::{Direction, Handle, Reactor, Registration};
use rustix::process::getpid;

use crate::dispatch::full_line;
use crate::wire::{self, violation};

/// A time-out that is to pass.
const WHOLE: Duration = Duration::from_millis(50);

/// Waits until a thread of this process sleeps in a turn.
pub(crate) fn a_thread_sleeps_in_turn() -> Checked {
    let sleeps = || {
        threads::of(getpid())
            .iter()
            .any(|t| t.sleeps_in(&[Call::Epoll]))
    };
    let soon = Instant::now() + Duration::from_secs(2);
    wait::until(soon, || sleeps().then_some(()))
        .ok_or_else(|| violation("nothing is there to be told, and no thread sleeps in epoll_wait"))
}

/// Rings before a turn, during one, and along with an event; then not at all.
pub(crate) fn by_the_bell(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (handle, bell) = (reactor.handle(), reactor.handle().bell());
    for (what, ring) in [
        ("`unpark`", (&|| handle.unpark()) as &dyn Fn()),
        ("a wake of the bell", &|| bell.wake_by_ref()),
    ] {
        steps.now(&format!("`turn(None)` after {what}"));
        ring();
        uncounted(wire::turned(reactor.turn(None))?)?;
        steps.now(&format!("`turn(None)` when {what} comes during the sleep"));
        rung_during(&mut reactor, ring)?;
    }
    steps.now("turns when the bell has rung no more");
    let mut slept = false;
    // Several rings may take several turns, but not many.
    for _ in 0..8 {
        let begun = Instant::now();
        uncounted(wire::turn(&mut reactor, WHOLE)?)?;
        slept |= begun.elapsed() >= WHOLE;
    }
    if !slept {
        return Err(violation(
            "the bell has ended the turns it was rung for, and it goes on ending turns",
        ));
    }
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    wire::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    handle.unpark();
    match wire::turn_until_woken(&mut reactor, &probe, "the task")? {
        1 => Ok(()),
        told => Err(violation(format!(
            "one socket was ready while the bell rang, and `turn` returned {told}"
        ))),
    }
}

fn uncounted(told: usize) -> Checked {
    match told {
        0 => Ok(()),
        _ => Err(violation(format!(
            "no source had anything to tell, and `turn` returned {told}"
        ))),
    }
}

/// Rings while another thread sleeps in a turn, which has to end.
fn rung_during(reactor: &mut Reactor, ring: &dyn Fn()) -> Checked {
    let rung = AtomicBool::new(false);
    thread::scope(|scope| {
        let turns = scope.spawn(|| {
            let mut told = 0;
            // It may have come back for no reason before that.
            while !rung.load(Ordering::SeqCst) {
                told += wire::turned(reactor.turn(None))?;
            }
            uncounted(told)
        });
        let asleep = a_thread_sleeps_in_turn();
        rung.store(true, Ordering::SeqCst);
        ring();
        let turned = turns.join().expect("its panic was told");
        asleep.and(turned)
    })
}

/// A reader and a writer wait, a third is ready; then the reactor ends, by `end`.
pub(crate) fn releases_everyone(
    steps: &Steps,
    bytes: &[u8],
    what: &str,
    end: impl FnOnce(Reactor) -> Option<Reactor>,
) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let [mut reader, mut writer, mut third] = [0; 3].map(|_| WakerProbe::new());
    let (reading, _other_end) = wire::line()?;
    wire::waits(&reading, &mut reader)?;
    let (writing, _its_other_end, _) = full_line(&mut reactor, &mut writer)?;
    let (ready, mut peer) = wire::line()?;
    peer.send(bytes)?;
    wire::turn_until_told(&mut reactor)?;
    wire::is_ready(&ready, &mut third)?;
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

fn errs(line: &Registration<TcpStream>, direction: Direction, what: &str) -> Checked {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
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
pub(crate) fn ends_the_turn_that_sleeps(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let handle = reactor.handle();
    steps.now("`shutdown` while a thread turns without end");
    thread::scope(|scope| {
        scope.spawn(|| while reactor.turn(None).is_ok() {});
        let asleep = a_thread_sleeps_in_turn();
        handle.shutdown();
        asleep
    })
}

/// Without a reactor, with one inside another, and without one again.
pub(crate) fn the_context(steps: &Steps, bytes: &[u8]) -> Checked {
    nowhere(steps, "before any reactor was entered")?;
    let (mut outer, entered) = wire::reactor()?;
    let (inner, entered_too) = wire::reactor()?;
    drop(entered_too);
    steps.now("a registration with the outer reactor, when the inner one was left");
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    wire::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    wire::turn_until_woken(&mut outer, &probe, "a task of the outer reactor")?;
    let elsewhere = steps.clone();
    let told = thread::spawn(move || nowhere(&elsewhere, "on another thread"));
    told.join().expect("its panic was told")?;
    drop((entered, inner));
    line.get_ref().shutdown(Shutdown::Both)?;
    nowhere(steps, "after the last one was left")
}

fn nowhere(steps: &Steps, when: &str) -> Checked {
    steps.now(&format!("`Handle::current` and `Registration::new` {when}"));
    if Handle::current().is_ok() {
        return Err(violation(format!(
            "`Handle::current` {when} has returned a handle"
        )));
    }
    let (end, _peer) = wire::connection()?;
    match Registration::new(end, Interest::READABLE) {
        Err(_) => Ok(()),
        Ok(_) => Err(violation(format!(
            "`Registration::new` {when} has registered somewhere"
        ))),
    }
}
