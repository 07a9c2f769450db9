//! What a turn does with events: whom it wakes, and what that costs.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::task::Poll;
use std::time::Duration;

use grader::{Checked, Steps, WakerProbe};
use mio::Interest;
use mio::net::TcpStream;
use reactor::{Direction, Reactor, Registration};
use rustix::net::sockopt::set_socket_send_buffer_size;

use crate::wire::{self, Peer, violation};

/// How many sockets have something to tell in one turn.
const SOCKETS: usize = 16;
/// How many turns there are with nothing to tell.
const IDLE_TURNS: usize = 8;

/// Sixteen sockets are ready, and the turns that pass that on are counted; then some that have nothing to tell.
pub(crate) fn turns_are_counted(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let mut lines = Vec::new();
    for _ in 0..SOCKETS {
        lines.push(wire::line()?);
    }
    wire::settle(&mut reactor)?;
    let mut probes: Vec<WakerProbe> = Vec::new();
    for (line, peer) in &mut lines {
        let mut probe = WakerProbe::new();
        wire::waits(line, &mut probe)?;
        probes.push(probe);
        peer.send(b"ready")?;
    }
    steps.now("a turn when sixteen sockets are ready");
    let mut told = 0;
    // With room for fewer events it may take several; a turn each, and no more turns than sockets.
    for _ in 0..SOCKETS {
        if told < SOCKETS {
            told += wire::turned(steps.count(|| reactor.turn(Some(Duration::ZERO))))?;
        }
    }
    let woken = probes.iter().filter(|probe| probe.wakes() > 0).count();
    if told != SOCKETS || woken != SOCKETS {
        return Err(violation(format!(
            "{SOCKETS} sockets were ready, the turns returned {told} in all, and {woken} wakers were called"
        )));
    }
    steps.now("turns that have nothing to tell");
    for _ in 0..IDLE_TURNS {
        let nothing = Some(Duration::from_millis(1));
        wire::turned(steps.count(|| reactor.turn(nothing)))?;
    }
    Ok(())
}

/// Two sockets, each with a task. Bytes come for the one, then for the other.
pub(crate) fn wakes_whom_it_concerns(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (mut lines, mut probes) = (
        [wire::line()?, wire::line()?],
        [0, 1].map(|_| WakerProbe::new()),
    );
    wire::settle(&mut reactor)?;
    for ready in [0, 1] {
        for ((line, _peer), probe) in lines.iter().zip(&mut probes) {
            wire::waits(line, probe)?;
        }
        let (line, peer) = &mut lines[ready];
        peer.send(bytes)?;
        steps.now("a turn when one of two sockets is ready");
        let told = wire::turn_until_woken(&mut reactor, &probes[ready], "the one that is ready")?;
        if told != 1 {
            return Err(violation(format!(
                "one socket had something to tell, and the turns returned {told}"
            )));
        }
        if probes[1 - ready].wakes() > 0 {
            return Err(violation(
                "the task of the other socket was woken too, and nothing has come there",
            ));
        }
        if peer.unread()? != bytes.len() as u64 {
            return Err(violation("the turn has read what was for the task"));
        }
        wire::reads(line, &mut probes[ready], &mut [0; 4096], bytes.len())?;
        // So that it waits again, in the next round.
        refused(line, &mut probes[ready])?;
    }
    Ok(())
}

/// A task waits, moves, and waits again: with another waker.
pub(crate) fn wakes_where_the_task_is_now(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    wire::waits(&line, &mut probe)?;
    probe.move_task();
    steps.now("a second poll, with another waker");
    wire::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a turn after the task has moved");
    wire::turn_until_woken(&mut reactor, &probe, "the latest poll").map(drop)
}

/// One more read through `poll_io`, which has to be pending.
fn refused(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked {
    let mut read = |mut s: &TcpStream| s.read(&mut [0; 64]);
    match probe.poll_with(|cx| line.poll_io(cx, Direction::Read, &mut read))? {
        Poll::Pending => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "the socket is empty, and `poll_io` returned `Ready({answer:?})`"
        ))),
    }
}

/// A task waits for room in a full socket, another for bytes from it; then both come.
pub(crate) fn wakes_reader_and_writer(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let (mut reader, mut writer) = (WakerProbe::new(), WakerProbe::new());
    steps.now("turns that tell of an empty socket, and writes until it is full");
    let (line, mut peer, written) = full_line(&mut reactor, &mut writer)?;
    wire::waits(&line, &mut reader)?;
    peer.take(written)?;
    peer.send(bytes)?;
    steps.now("turns when there is room again, and something to read");
    wire::turn_until_woken(&mut reactor, &reader, "the reader")?;
    wire::turn_until_woken(&mut reactor, &writer, "the writer").map(drop)
}

/// A registered socket that is full, with a writer who waits for room, and how many bytes are in it.
pub(crate) fn full_line(
    reactor: &mut Reactor,
    writer: &mut WakerProbe,
) -> Checked<(Registration<TcpStream>, Peer, usize)> {
    let (end, peer) = wire::connection()?;
    set_socket_send_buffer_size(end.as_fd(), 16 * 1024)?;
    let line = wire::register(end, Interest::READABLE | Interest::WRITABLE)?;
    wire::settle(reactor)?;
    let mut written = 0;
    loop {
        written += fill(&line, writer)?;
        // The kernel moves bytes to the other end for a while, and there is room again.
        wire::turn(reactor, Duration::from_millis(20))?;
        if writer.wakes() == 0 {
            break;
        }
    }
    match written {
        0 => Err(violation(
            "a socket with room, whose event was dispatched, is not ready to be written to",
        )),
        _ => Ok((line, peer, written)),
    }
}

/// Writes until the socket is full and the writer pending. Returns how many bytes went in.
fn fill(line: &Registration<TcpStream>, writer: &mut WakerProbe) -> Checked<usize> {
    let mut written = 0;
    let chunk = [0; 16 * 1024];
    let mut write = |mut s: &TcpStream| s.write(&chunk);
    loop {
        match writer.poll_with(|cx| line.poll_io(cx, Direction::Write, &mut write))? {
            Poll::Pending => return Ok(written),
            Poll::Ready(Ok(n)) => written += n,
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::WouldBlock => {
                return Err(violation("`poll_io` has returned WouldBlock"));
            }
            Poll::Ready(Err(error)) => {
                return Err(violation(format!(
                    "a write through `poll_io` failed: {error}"
                )));
            }
        }
    }
}
