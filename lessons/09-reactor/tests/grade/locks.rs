//! Wakers that come back: what they do when they are called, and when they are dropped.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use grader::{Checked, Steps, WakerProbe};
use mio::Interest;
use mio::net::{TcpStream, UdpSocket};
use reactor::{Direction, Handle, Registration};

use crate::wire::{self, violation};

/// Something to be done once.
type Deed = Box<dyn FnOnce() + Send>;

/// A waker that does nothing when it is called, and something when its last clone is dropped.
struct Farewell(Mutex<Option<Deed>>);

impl Farewell {
    fn waker(deed: impl FnOnce() + Send + 'static) -> Waker {
        Waker::from(Arc::new(Self(Mutex::new(Some(Box::new(deed))))))
    }
}

impl Wake for Farewell {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Farewell {
    fn drop(&mut self) {
        let deed = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(deed) = deed.take() {
            deed();
        }
    }
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

/// A waker that is called polls, registers and drops on the spot: at an event, and at the reactor's end.
pub(crate) fn a_call_comes_back(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
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
    wire::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a waker that polls, registers and drops when an event calls it");
    wire::turn_until_woken(&mut reactor, &probe, "the task")?;
    // Nothing is left there, nor noted as ready.
    wire::empty(&line)?;
    if let Poll::Ready(Ok(tick)) = probe.poll_with(|cx| line.poll_ready(cx, Direction::Read))? {
        line.clear(tick);
        wire::waits(&line, &mut probe)?;
    }
    steps.now("a waker that polls, registers and drops when `shutdown` calls it");
    handle.shutdown();
    match probe.wakes() {
        0 => Err(violation("`shutdown` has not called the waker")),
        _ => Ok(()),
    }
}

/// A waker is replaced by another, and its drop polls the same registration and drops a second one.
pub(crate) fn a_drop_comes_back(steps: &Steps) -> Checked {
    let (reactor, _entered) = wire::reactor()?;
    let handle = reactor.handle();
    let (line, _peer) = wire::line()?;
    let line = Arc::new(line);
    let leaving = |second: Registration<TcpStream>| {
        let (line, handle) = (Arc::downgrade(&line), handle.clone());
        Farewell::waker(move || {
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
    steps.now("the drop of a registration with such a waker in it");
    // The waker must not keep alive what keeps it alive.
    let line = Arc::into_inner(line);
    drop(line);
    Ok(())
}
