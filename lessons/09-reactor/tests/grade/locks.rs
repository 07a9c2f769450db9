//! Wakers that come back: what they do when they are called, and when they are dropped.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use grader::{Checked, Explain, Steps, WakerProbe, check, violation, when_cloned, when_dropped};
use mio::Interest;
use mio::net::{TcpStream, UdpSocket};
use reactor::{Direction, Handle, Registration};

use crate::wire;
use crate::{task, turning};

/// A waker may do anything when it is called or dropped: poll, register, drop a registration.
/// Nothing is locked meanwhile, and what it is called for is noted already.
///
/// # Hint
/// Which lines of yours run somebody else's code? The calls of `wake`; and each place where a
/// waker, or something with a waker in it, goes out of scope.
///
/// # Hint
/// Take the waker out under the lock, end the lock's scope, then call it. A replaced waker: carry
/// it out of the scope, too, and let it drop there.
///
/// # Hint
/// A poll clones a waker, and that is somebody else's code as well. Clone it before the lock,
/// needed or not; or look, let go, clone, and look again under the lock in which you leave it.
///
/// # Hint
/// A guard in a `match` or at the end of an expression lives longer than it looks: until
/// the end of the statement.
#[test]
fn waking_never_holds_the_lock() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| a_call_comes_back(steps, &bytes)).explain(
            "a waker that is called may poll, register and drop, on the spot",
            "to wake is to run somebody else's code. It may ask for the very lock that its caller holds, and a thread \
             that waits for itself waits for ever",
            "which locks are held where `wake` is called",
        )?;
        c.isolated(|steps| finds_it_noted(steps, &bytes)).explain(
            "a poll from inside the waker that an event calls is ready",
            "a task that is woken may look at once, on this thread or on one that is faster. An event that calls first and \
             notes afterwards sends it to a flag that is still down: it leaves a waker for an event that has been \
             and gone",
            "what an event does first, to note or to wake",
        )?;
        c.isolated(a_clone_comes_back).explain(
            "a poll clones its waker where nothing is locked: the clone may poll, register and drop as well",
            "a waker is a table of four functions, and `clone` is one of them, as foreign as `wake`. In one expression, as in \
             `lock().waker = Some(waker.clone())`, the lock comes first, and the clone runs under it",
            "where a poll clones its waker, and which guard lives on that line",
        )?;
        c.isolated(a_drop_comes_back).explain(
            "a waker that is replaced, or left in a registration that is dropped, may do the same when it is itself \
             dropped",
            "the last clone of a waker takes its task along, and the task what it owns: its registrations, for example, \
             whose drop comes back to you. An assignment drops the old value on the spot, under the lock if there is one",
            "where a waker goes that is replaced by another, and where the last one, when its registration is dropped",
        )
    });
}

/// Uses everything that a task may use from inside a poll.
fn use_everything(line: &Registration<TcpStream>, handle: &Handle) {
    let mut cx = Context::from_waker(Waker::noop());
    let _entered = handle.enter();
    for direction in [Direction::Read, Direction::Write] {
        if let Poll::Ready(Ok(tick)) = line.poll_ready(&mut cx, direction) {
            line.clear(tick);
        }
    }
    handle.unpark();
    let other = UdpSocket::bind(([127, 0, 0, 1], 0).into());
    drop(other.and_then(|other| Registration::new(other, Interest::READABLE)));
}

/// A waker that is called polls, registers and drops on the spot: at an event,
/// and at the reactor's end.
fn a_call_comes_back(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let handle = reactor.handle();
    let (line, mut peer) = wire::line()?;
    let line = Arc::new(line);
    let answer = {
        let (line, handle) = (Arc::downgrade(&line), handle.clone());
        move || {
            if let Some(line) = line.upgrade() {
                use_everything(&line, &handle);
            }
        }
    };
    let mut probe = WakerProbe::answering(answer);
    task::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a waker that polls, registers and drops when an event calls it");
    turning::until_woken(&mut reactor, &probe, "the task")?;
    // Nothing is left there, nor noted as ready.
    wire::empty(&line)?;
    task::is_cleared(&line, &mut probe, Direction::Read)?;
    steps.now("a waker that polls, registers and drops when `shutdown` calls it");
    handle.shutdown();
    match probe.wakes() {
        0 => Err(violation("`shutdown` has not called the waker")),
        _ => Ok(()),
    }
}

/// A waker that uses everything when it is cloned.
fn a_clone_comes_back(steps: &Steps) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let handle = reactor.handle();
    let line = Arc::new(wire::line()?.0);
    let used = {
        let line = Arc::clone(&line);
        move || use_everything(&line, &handle)
    };
    steps.now("a poll that clones a waker, which polls, registers and drops meanwhile");
    let waker = when_cloned(Waker::noop().clone(), used);
    match line.poll_ready(&mut Context::from_waker(&waker), Direction::Read) {
        Poll::Pending => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "nothing has come, and `poll_ready` is {answer:?} instead of pending"
        ))),
    }
}

/// A waker polls the registration whose event has called it.
fn finds_it_noted(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let line = Arc::new(line);
    let found = Arc::new(Mutex::new(None));
    let looks = {
        let (line, found) = (Arc::downgrade(&line), Arc::clone(&found));
        move || {
            let Some(line) = line.upgrade() else { return };
            let mut cx = Context::from_waker(Waker::noop());
            let polled = format!("{:?}", line.poll_ready(&mut cx, Direction::Read));
            let ready = polled.starts_with("Ready(Ok");
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.get_or_insert((ready, polled));
        }
    };
    let mut probe = WakerProbe::answering(looks);
    task::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a waker that looks for the event that calls it");
    turning::until_woken(&mut reactor, &probe, "the task")?;
    match found.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some((true, _)) => Ok(()),
        Some((false, polled)) => Err(violation(format!(
            "an event has called a waker, and `poll_ready` from inside it is {polled}"
        ))),
        None => unreachable!("it was woken while the registration lives"),
    }
}

/// A waker is replaced by another, and its drop polls the same registration and drops a second one;
/// then the registration is dropped, and with it the last waker, whose drop drops another.
fn a_drop_comes_back(steps: &Steps) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let handle = reactor.handle();
    let (line, _peer) = wire::line()?;
    let line = Arc::new(line);
    let leaving = |second: Registration<TcpStream>| {
        let (line, handle) = (Arc::downgrade(&line), handle.clone());
        when_dropped(move || {
            if let Some(line) = line.upgrade() {
                use_everything(&line, &handle);
            }
            drop(second);
        })
    };
    let waits_with =
        |waker: Waker| match line.poll_ready(&mut Context::from_waker(&waker), Direction::Read) {
            Poll::Pending => Ok(()),
            Poll::Ready(answer) => Err(violation(format!(
                "nothing has come, and `poll_ready` is {answer:?} instead of pending"
            ))),
        };
    waits_with(leaving(wire::line()?.0))?;
    steps.now("a poll that replaces a waker whose drop polls, and drops a registration");
    waits_with(leaving(wire::line()?.0))?;
    // The farewell of the first has polled, and put another in the second's place.
    let third = wire::line()?.0;
    waits_with(when_dropped(move || drop(third)))?;
    steps.now("the drop of a registration with such a waker in it");
    // The waker does not keep alive what keeps it alive.
    let line = Arc::into_inner(line).expect("nobody else has it");
    drop(line);
    Ok(())
}
