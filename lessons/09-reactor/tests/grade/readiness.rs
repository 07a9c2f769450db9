//! Readiness is state: what is remembered of an event, until when, and what may take it back.

use std::cell::Cell;
use std::io::{ErrorKind, Read};
use std::task::Poll;

use grader::{Checked, Steps, WakerProbe};
use mio::Interest;
use mio::unix::pipe;
use reactor::{Direction, Registration};

use crate::wire::{self, violation};

/// Bytes come and their event is dispatched before anybody has polled.
pub(crate) fn waits_for_the_first_poll(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    steps.now("an event before the first poll");
    wire::turn_until_told(&mut reactor)?;
    wire::is_ready(&line, &mut probe).map(drop)
}

/// Polls that find it ready, and reads that leave something, one after the other.
pub(crate) fn is_not_used_up(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    wire::turn_until_told(&mut reactor)?;
    steps.now("a second poll, when the first has found it ready and nobody has read");
    for _ in 0..2 {
        wire::is_ready(&line, &mut probe)?;
    }
    steps.now("reads that take ten bytes each");
    for _ in 0..bytes.len() / 10 {
        wire::reads(&line, &mut probe, &mut [0; 10], 10)?;
    }
    Ok(())
}

/// In the closure of `poll_io`, between the refused read and its return, bytes come and the reactor turns.
pub(crate) fn outlives_a_clear(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (line, mut peer) = wire::line()?;
    let (mut probe, tries) = (WakerProbe::new(), Cell::new(0));
    peer.send(bytes)?;
    wire::turn_until_told(&mut reactor)?;
    // Ready by its event, and empty.
    wire::empty(&line)?;
    steps.now("a turn inside the closure of `poll_io`, after its read was refused");
    let mut stopped = Ok(());
    let polled = probe.poll_with(|cx| {
        line.poll_io(cx, Direction::Read, |mut source| {
            tries.set(tries.get() + 1);
            let answer = source.read(&mut [0; 4096]);
            if tries.get() == 1 && stopped.is_ok() {
                stopped = peer
                    .send(bytes)
                    .and_then(|()| wire::turn_until_told(&mut reactor));
            }
            answer
        })
    })?;
    stopped?;
    match (polled, tries.get()) {
        (Poll::Ready(Ok(n)), _) if n == bytes.len() => Ok(()),
        // It may as well ask to be polled once more.
        (Poll::Pending, _) if probe.wakes() > 0 => {
            wire::reads(&line, &mut probe, &mut [0; 4096], bytes.len())
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

/// The last bytes and the goodbye are one event. The short read clears.
pub(crate) fn outlives_the_last_bytes(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    peer.finish()?;
    wire::turn_until_told(&mut reactor)?;
    let tick = wire::is_ready(&line, &mut probe)?;
    let read = line.get_ref().read(&mut [0; 4096])?;
    assert_eq!(read, bytes.len(), "the kernel has shown them all");
    line.clear(tick);
    steps.now("the poll for the goodbye, after a clear that only meant the last bytes");
    match probe.poll_with(|cx| line.poll_ready(cx, Direction::Read))? {
        Poll::Ready(Ok(_)) => {}
        _ => {
            return Err(violation(
                "the goodbye has come, nothing will ever follow it, and after a clear `poll_ready` is pending",
            ));
        }
    }
    wire::reads(&line, &mut probe, &mut [0; 64], 0)
}

/// The writer of a pipe leaves without a word.
pub(crate) fn hears_of_a_hangup(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (sender, receiver) = pipe::new()?;
    let pipe: Registration<pipe::Receiver> = wire::register(receiver, Interest::READABLE)?;
    let mut probe = WakerProbe::new();
    let mut read = |mut source: &pipe::Receiver| source.read(&mut [0; 64]);
    match probe.poll_with(|cx| pipe.poll_io(cx, Direction::Read, &mut read))? {
        Poll::Pending => {}
        Poll::Ready(answer) => {
            return Err(violation(format!(
                "nothing has come through the pipe, and `poll_io` returned {answer:?}"
            )));
        }
    }
    drop(sender);
    steps.now("turns when the writer of a pipe has left");
    wire::turn_until_woken(&mut reactor, &probe, "the reader of the pipe")?;
    match probe.poll_with(|cx| pipe.poll_io(cx, Direction::Read, &mut read))? {
        Poll::Ready(Ok(0)) => Ok(()),
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::WouldBlock => {
            Err(violation("`poll_io` has returned WouldBlock"))
        }
        answer => Err(violation(format!(
            "the pipe is at its end, and `poll_io` returned {answer:?}"
        ))),
    }
}
