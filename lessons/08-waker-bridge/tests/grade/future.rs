//! What the bridge and the future of a read do, with a probe in the place of the executor.

use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;

use bridge::{Bridge, ReadSome};
use grader::{Checked, Explain, Steps, WakerProbe, violation};

use crate::wire::{self, pending, ready};

/// The first poll of a future that has nothing to read.
pub(crate) fn begins_pending(probe: &mut WakerProbe, future: Pin<&mut ReadSome<'_>>) -> Checked {
    waits(probe, future).explain(
        "a poll that finds nothing to read is pending, and has left a waker",
        "WouldBlock is the kernel's word for `nothing yet`, and no answer for whoever awaits the bytes. `Pending` is the \
         future's word for it, and promises that somebody will call",
        "what your future does with a read that is refused",
    )
}

/// A poll that finds nothing to read. It calls nobody: not its own waker, and not the one of an
/// earlier poll.
fn waits(probe: &mut WakerProbe, future: Pin<&mut ReadSome<'_>>) -> Checked {
    let stale = probe.stale_wakes();
    pending(probe.poll(future)?)?;
    let itself: Checked = Err(match (probe.wakes(), probe.stale_wakes() - stale) {
        (0, 0) => return Ok(()),
        (0, _) => violation(
            "the poll has called the waker of an earlier poll, although nothing has happened",
        ),
        _ => violation("the poll has called its own waker, although nothing has happened"),
    });
    itself.explain(
        "a future that finds nothing to read waits to be called",
        "a future that calls a waker when it leaves one is polled again at once, finds nothing again, and so on: a busy \
         loop by way of the executor",
        "who calls the waker in your future's poll, and in what the poll does with the slot",
    )
}

/// The turn that follows when bytes have come.
pub(crate) fn is_woken(bridge: &mut Bridge, probe: &WakerProbe) -> Checked {
    wire::turn_until_woken(bridge, probe).explain(
        "when bytes come, `turn` calls the waker that the pending poll has left",
        "the event is there, and nobody hears of it: the waker is not where `turn` looks for it, or `turn` does not call \
         it",
        "who puts the waker into the slot, who takes it out, and what `turn` does with an event",
    )
}

/// The poll that follows the wake.
fn reads(polled: Poll<io::Result<usize>>, bytes: usize) -> Checked {
    ready(polled, bytes).explain(
        "the poll that follows the wake reads what has come, and is ready with it",
        "the bytes lie in the kernel until somebody reads them, and in this lesson that is the future, while it is polled",
        "what your future does when it is polled again",
    )
}

/// Bytes come while the future is pending.
pub(crate) fn is_woken_and_then_reads(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = Box::pin(reader.read_some(&mut buffer));
    steps.now("a poll before anything has come");
    begins_pending(&mut probe, future.as_mut())?;
    peer.send(bytes)?;
    steps.now("a turn when bytes have come");
    is_woken(&mut bridge, &probe)?;
    let (wakes, unread, sent) = (probe.wakes(), peer.unread()?, bytes.len());
    if wakes != 1 {
        return Err(violation(format!("one event caused {wakes} wakes")));
    }
    if unread != sent as u64 {
        return Err(violation(format!(
            "{sent} bytes came, and after the turn {unread} are unread: somebody other than the future reads"
        )));
    }
    steps.now("the poll after the wake");
    reads(probe.poll(future.as_mut())?, sent)?;
    // It may have a `Drop` of its own, and holds the buffer until then.
    drop(future);
    let (unread, same) = (peer.unread()?, buffer[..sent] == *bytes);
    let read = match (unread, same) {
        (0, true) => Ok(()),
        (0, false) => Err(violation("what stands in the buffer is not what was sent")),
        (unread, _) => Err(violation(format!(
            "after the poll {unread} bytes are still unread"
        ))),
    };
    read.explain(
        "the bytes that the future says it has read have left the kernel, and stand in the buffer it was given",
        "`read_some` was given a buffer, and the number of bytes that it has read says how much of that buffer is new",
        "which buffer your future reads into, and what it returns",
    )
}

/// Bytes come, and their event is over, before the future is polled at all.
pub(crate) fn finds_what_came_before_its_first_poll(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    peer.send(bytes)?;
    steps.now("a turn that meets an event before anything was polled");
    wire::turn(&mut bridge)?;
    steps.now("the first poll, when that event is over");
    ready(
        probe.poll(pin!(reader.read_some(&mut buffer)))?,
        bytes.len(),
    )
}

/// Bytes come, and are gone again when the future is polled; then others come.
pub(crate) fn finds_nothing_after_a_wake(steps: &Steps, gone: &[u8], kept: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    begins_pending(&mut probe, future.as_mut())?;
    peer.send(gone)?;
    is_woken(&mut bridge, &probe)?;
    peer.steal()?;
    steps.now("the poll after a wake, when somebody else has read the bytes");
    waits(&mut probe, future.as_mut())?;
    peer.send(kept)?;
    steps.now("a turn when bytes have come at last");
    wire::turn_until_woken(&mut bridge, &probe)?;
    ready(probe.poll(future.as_mut())?, kept.len())
}

/// Several messages come, one after the other.
pub(crate) fn is_woken_each_time(steps: &Steps, messages: &[Vec<u8>]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    for (number, bytes) in (1..).zip(messages) {
        let mut future = pin!(reader.read_some(&mut buffer));
        steps.now(&format!("the wait for message {number}"));
        if number == 1 {
            begins_pending(&mut probe, future.as_mut())?;
            peer.send(bytes)?;
            is_woken(&mut bridge, &probe)?;
        } else {
            waits(&mut probe, future.as_mut())?;
            peer.send(bytes)?;
            wire::turn_until_woken(&mut bridge, &probe)?;
        }
        reads(probe.poll(future.as_mut())?, bytes.len())?;
    }
    Ok(())
}

/// Bytes come when the future was polled twice, with different wakers.
pub(crate) fn is_woken_where_it_is_now(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    begins_pending(&mut probe, future.as_mut())?;
    steps.now("a second poll, with the same waker");
    waits(&mut probe, future.as_mut())?;
    probe.move_task();
    steps.now("a third poll, with another waker");
    waits(&mut probe, future.as_mut())?;
    peer.send(bytes)?;
    steps.now("a turn after the task has moved");
    wire::turn_until_woken(&mut bridge, &probe)?;
    if probe.stale_wakes() > 0 {
        return Err(violation(
            "the turn has called the waker of the latest poll, and that of an earlier one too",
        ));
    }
    reads(probe.poll(future.as_mut())?, bytes.len())
}

/// A message that is read a byte at a time, and another one.
pub(crate) fn reads_by_the_byte(steps: &Steps, message: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 1]);
    for round in ["first", "second"] {
        steps.now(&format!(
            "the wait for the {round} message, with a buffer of one byte"
        ));
        {
            let mut first = pin!(reader.read_some(&mut buffer));
            waits(&mut probe, first.as_mut())?;
            peer.send(message)?;
            wire::turn_until_woken(&mut bridge, &probe)?;
            reads(probe.poll(first)?, 1)?;
        }
        for (index, byte) in message.iter().enumerate() {
            if index > 0 {
                ready(probe.poll(pin!(reader.read_some(&mut buffer)))?, 1)?;
            }
            if buffer != [*byte] {
                return Err(violation("another byte was read than was due"));
            }
        }
    }
    Ok(())
}

/// The connection is reset while the future is pending.
pub(crate) fn is_told_of_a_reset(steps: &Steps) -> Checked {
    let (mut bridge, mut reader, peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    begins_pending(&mut probe, future.as_mut())?;
    peer.reset()?;
    steps.now("a turn when the client has reset its connection");
    wire::turn_until_woken(&mut bridge, &probe)?;
    steps.now("the poll after that wake");
    match probe.poll(future.as_mut())? {
        Poll::Ready(Err(_)) => Ok(()),
        other => Err(violation(format!(
            "the client has reset its connection, and the future returned `{other:?}`"
        ))),
    }
}
