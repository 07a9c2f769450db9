//! What the bridge and the future of a read do, with a probe in the place of the executor.

use std::pin::pin;

use grader::{Checked, Steps, WakerProbe};

use crate::wire::{self, pending, ready, violation};

/// Bytes come while the future is pending.
pub(crate) fn is_woken_and_then_reads(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    steps.now("a poll before anything has come");
    pending(probe.poll(future.as_mut())?)?;
    if probe.wakes() > 0 {
        return Err(violation(
            "the poll has called its own waker, although nothing has happened",
        ));
    }
    peer.send(bytes)?;
    steps.now("a turn when bytes have come");
    wire::turn_until_woken(&mut bridge, &probe)?;
    let (wakes, unread, sent) = (probe.wakes(), peer.unread()?, bytes.len());
    if wakes != 1 {
        return Err(violation(format!("one event made {wakes} wakes")));
    }
    if unread != sent as u64 {
        return Err(violation(format!(
            "{sent} bytes came, and after the turn {unread} are unread: somebody reads who is not the future"
        )));
    }
    steps.now("the poll after the wake");
    ready(probe.poll(future.as_mut())?, sent)?;
    if buffer[..sent] != *bytes {
        return Err(violation("what stands in the buffer is not what was sent"));
    }
    match peer.unread()? {
        0 => Ok(()),
        unread => Err(violation(format!(
            "after the poll {unread} bytes are still unread"
        ))),
    }
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
    pending(probe.poll(future.as_mut())?)?;
    peer.send(gone)?;
    wire::turn_until_woken(&mut bridge, &probe)?;
    peer.steal()?;
    steps.now("the poll after a wake, when somebody else has read the bytes");
    pending(probe.poll(future.as_mut())?)?;
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
        pending(probe.poll(future.as_mut())?)?;
        peer.send(bytes)?;
        wire::turn_until_woken(&mut bridge, &probe)?;
        ready(probe.poll(future.as_mut())?, bytes.len())?;
    }
    Ok(())
}

/// Bytes come when the future was polled twice, with different wakers.
pub(crate) fn is_woken_where_it_is_now(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
    let mut future = pin!(reader.read_some(&mut buffer));
    pending(probe.poll(future.as_mut())?)?;
    probe.move_task();
    steps.now("a second poll, with another waker");
    pending(probe.poll(future.as_mut())?)?;
    peer.send(bytes)?;
    steps.now("a turn after the task has moved");
    wire::turn_until_woken(&mut bridge, &probe)?;
    ready(probe.poll(future.as_mut())?, bytes.len())
}
