//! What a task does at a registration: it polls, is pending or ready, reads, and writes
//! until there is no more room.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::task::Poll;

use grader::{Checked, Explain, Explanation, Failure, Stop, WakerProbe, violation};
use mio::Interest;
use mio::event::Source;
use mio::net::TcpStream;
use reactor::{Direction, Reactor, Registration, Tick};
use rustix::net::sockopt::set_socket_send_buffer_size;

use crate::turning;
use crate::wire::{self, Peer};

/// How often a try may be refused within one `poll_io`. One event, or two, may come
/// meanwhile, but not as many.
const REFUSALS: usize = 100;

/// How often in a row a poll may be woken in vain. An event, or two, may come at the same
/// moment, but not as many.
const IN_VAIN: usize = 10;

/// What is seen of a poll that calls its own waker.
const CALLS_ITSELF: &str = "each poll has called its own waker, although nothing has happened";
/// Such a poll.
const WAKES_ITSELF: Explanation = Explanation {
    expected: "a poll that is pending waits to be called",
    why: "a waker that is called where nothing has happened has its task polled for nothing, and the next poll calls it again",
    look: "who calls a waker, and what has happened by then",
};

/// A source that is ready, although nothing has come.
const READY_FOR_NOTHING: Explanation = Explanation {
    expected: "a direction for which nothing has come is pending",
    why: "a direction is ready when an event has said so of this direction. A new source has had none yet, and an event for \
          the other direction says nothing of this one",
    look: "what a new source knows of itself, and which of an event's questions are about which direction",
};

/// What is seen of a `poll_io` that goes round and round.
const REFUSED_EACH_TIME: &str = "was refused each time, while nothing happened";

/// A poll that left no waker with anybody.
const LEFT_NO_WAKER: Explanation = Explanation {
    expected: "a poll that is pending has left its waker",
    why: "`Pending` is a promise: \"you will be called\". Where nothing was ready, the waker that came with the poll is the \
          only one that can ever be called for it",
    look: "what `poll_ready` does with its waker when there is nothing",
};
/// A `poll_io` that was refused, and left no waker with anybody.
const LEFT_NO_WAKER_AFTER_A_CLEAR: Explanation = Explanation {
    expected: "when a try was refused, `poll_io` is pending only once its waker is left",
    why: "`poll_ready` had said that it was ready, and so it has left no waker. A refusal changes that: a poll that \
          clears and returns `Pending` on the spot has promised a call for which nobody holds a waker",
    look: "what `poll_io` does after the clear",
};
/// A clear that changes nothing.
const CLEARS_NOTHING: Explanation = Explanation {
    expected: "a refused try is cleared, and `poll_io` is pending until something has happened",
    why: "nothing has happened since the poll that gave out the tick, so this clear has to count. Either nothing is cleared, \
          or the tick is compared with a number that is not the one that was handed out",
    look: "what `clear` compares the tick with, and what it changes",
};

/// Polls once for readiness.
pub(crate) fn poll_ready<S: Source>(
    line: &Registration<S>,
    probe: &mut WakerProbe,
    direction: Direction,
) -> Checked<Poll<io::Result<Tick>>> {
    let polled = probe.poll_with(|cx| line.poll_ready(cx, direction));
    polled.map_err(|stop| without_a_waker(stop, LEFT_NO_WAKER))
}

/// Tries `io` in a `poll_io`.
pub(crate) fn poll_io<S: Source, R>(
    line: &Registration<S>,
    probe: &mut WakerProbe,
    direction: Direction,
    mut io: impl FnMut(&S) -> io::Result<R>,
) -> Checked<Poll<io::Result<R>>> {
    let mut refusals = 0;
    let polled = probe.poll_with(|cx| {
        line.poll_io(cx, direction, |source| {
            let answer = io(source);
            if answer.as_ref().is_err_and(is_refusal) {
                refusals += 1;
                if refusals == REFUSALS {
                    return Err(io::Error::other("refused too often"));
                }
            }
            answer
        })
    });
    if refusals == REFUSALS {
        let saw = format!("`poll_io` has tried {refusals} times and {REFUSED_EACH_TIME}: it spins");
        return Err(broken(saw, CLEARS_NOTHING));
    }
    polled.map_err(|stop| match refusals {
        0 => without_a_waker(stop, LEFT_NO_WAKER),
        _ => without_a_waker(stop, LEFT_NO_WAKER_AFTER_A_CLEAR),
    })
}

fn without_a_waker(stop: Stop, moral: Explanation) -> Stop {
    match stop {
        Stop::Red(failure) if failure.saw.contains("nobody holds a waker") => {
            Stop::Red(failure).explain(moral.expected, moral.why, moral.look)
        }
        other => other,
    }
}

/// The same sight without the words that its step has found for it: the check has better ones.
pub(crate) fn seen_anew(failure: &Failure) -> Checked {
    Err(violation(failure.saw.clone()))
}

/// A broken contract, with what usually breaks it: a check may know better.
fn broken(saw: impl Into<String>, usual: Explanation) -> Stop {
    violation(saw).suggest(usual.expected, usual.why, usual.look)
}

fn is_refusal(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

/// A readiness that is cleared while nothing happens has to be gone.
pub(crate) fn is_cleared<S: Source>(
    line: &Registration<S>,
    probe: &mut WakerProbe,
    direction: Direction,
) -> Checked {
    let Poll::Ready(Ok(tick)) = poll_ready(line, probe, direction)? else {
        return Ok(());
    };
    line.clear(tick);
    match poll_ready(line, probe, direction)? {
        Poll::Pending => Ok(()),
        Poll::Ready(_) => {
            let saw = "`poll_ready` was ready; it was cleared, with the tick of that poll, and is ready again";
            Err(broken(saw, CLEARS_NOTHING))
        }
    }
}

/// The registration has to be pending for reading, with the probe's waker left behind.
pub(crate) fn waits(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked {
    for _ in 0..IN_VAIN {
        if let Poll::Ready(answer) = poll_ready(line, probe, Direction::Read)? {
            let saw =
                format!("nothing has come, and `poll_ready` is {answer:?} instead of pending");
            return Err(match answer {
                Ok(_) => violation(saw).explain(
                    READY_FOR_NOTHING.expected,
                    READY_FOR_NOTHING.why,
                    READY_FOR_NOTHING.look,
                ),
                Err(_) => violation(saw),
            });
        }
        if probe.wakes() == 0 {
            return Ok(());
        }
    }
    let saw = format!("`poll_ready` was pending {IN_VAIN} times in a row, and {CALLS_ITSELF}");
    Err(broken(saw, WAKES_ITSELF))
}

/// Whether it was seen that a `poll_io` is refused again and again.
pub(crate) fn spins(failure: &Failure) -> bool {
    failure.saw.contains(REFUSED_EACH_TIME)
}

/// Whether it was seen that a poll calls its own waker.
pub(crate) fn wakes_itself(failure: &Failure) -> bool {
    failure.saw.contains(CALLS_ITSELF)
}

/// The registration has to be ready for reading.
pub(crate) fn is_ready(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked<Tick> {
    match poll_ready(line, probe, Direction::Read)? {
        Poll::Ready(Ok(tick)) => Ok(tick),
        Poll::Ready(Err(error)) => Err(violation(format!("`poll_ready` failed: {error}"))),
        Poll::Pending => Err(violation(
            "there is something to read, its event was dispatched, and `poll_ready` is pending",
        )),
    }
}

/// A read through `poll_io` has to bring this many bytes.
pub(crate) fn reads(
    line: &Registration<TcpStream>,
    probe: &mut WakerProbe,
    buffer: &mut [u8],
    bytes: usize,
) -> Checked {
    match poll_io(line, probe, Direction::Read, |mut s| s.read(buffer))? {
        Poll::Ready(Ok(n)) if n == bytes => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "{bytes} bytes were to be read, and `poll_io` returned `Ready({answer:?})`"
        ))),
        Poll::Pending => Err(violation(format!(
            "{bytes} bytes were to be read, and `poll_io` is pending"
        ))),
    }
}

/// A read through `poll_io` from an empty socket, which has to be pending.
pub(crate) fn is_refused(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked {
    let read = |mut s: &TcpStream| s.read(&mut [0; 64]);
    match poll_io(line, probe, Direction::Read, read)? {
        Poll::Pending => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "the socket is empty, and `poll_io` returned `Ready({answer:?})`"
        ))),
    }
}

/// A registered socket that is full, with a writer who waits for room, and how many bytes are in
/// it.
pub(crate) fn full_line(
    reactor: &mut Reactor,
    writer: &mut WakerProbe,
) -> Checked<(Registration<TcpStream>, Peer, usize)> {
    let (end, peer) = wire::connection()?;
    set_socket_send_buffer_size(end.as_fd(), 16 * 1024)?;
    let line = wire::register(end, Interest::READABLE | Interest::WRITABLE)?;
    turning::settle(reactor)?;
    let (mut written, mut in_vain) = (fill(&line, writer)?, 0);
    if written == 0 {
        return Err(violation(
            "a socket with room, whose event was dispatched, is not ready to be written to",
        ));
    }
    loop {
        // The kernel moves bytes to the other end for a while, and when that has said
        // so, there is room again.
        peer.has_told_of(written)?;
        turning::while_quiet(reactor, writer)?;
        if writer.wakes() == 0 {
            return Ok((line, peer, written));
        }
        let more = fill(&line, writer)?;
        written += more;
        in_vain = if more == 0 { in_vain + 1 } else { 0 };
        if in_vain == IN_VAIN {
            let saw = format!(
                "at a full socket `poll_io` was pending {IN_VAIN} times in a row, and {CALLS_ITSELF}"
            );
            return Err(broken(saw, WAKES_ITSELF));
        }
    }
}

/// Writes until there is no more room and the writer is pending. Returns how many bytes went in.
pub(crate) fn fill<S: Source>(line: &Registration<S>, writer: &mut WakerProbe) -> Checked<usize>
where
    for<'s> &'s S: Write,
{
    let (mut written, chunk) = (0, [0; 16 * 1024]);
    loop {
        match poll_io(line, writer, Direction::Write, |mut s| s.write(&chunk))? {
            Poll::Pending => return Ok(written),
            Poll::Ready(Ok(n)) => written += n,
            Poll::Ready(Err(error)) if is_refusal(&error) => {
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
