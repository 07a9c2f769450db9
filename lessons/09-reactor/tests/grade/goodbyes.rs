//! What never ends: goodbyes, in either direction.

use std::io::{ErrorKind, Read, Write};
use std::task::Poll;

use grader::{Checked, Explain, Steps, WakerProbe, check, violation};
use mio::Interest;
use mio::unix::pipe;
use reactor::{Direction, Registration};

use crate::wire;
use crate::{task, turning};

/// The last bytes and the goodbye come in one event: after the bytes, the goodbye is still
/// ready. A goodbye without any bytes, a pipe that hangs up, wakes as well; and an end
/// stays, for a writer too.
///
/// # Hint
/// Nothing follows a goodbye, not even a second event. For how long has its readiness to last?
///
/// # Hint
/// Keep the end apart from the readiness that comes and goes: set by an event, cleared by nobody.
///
/// # Hint
/// `is_read_closed` and `is_write_closed` are true even where `is_readable` and `is_writable`
/// are not: EPOLLHUP alone.
#[test]
fn the_last_bytes_and_the_goodbye_in_one_edge() {
    check(|c| {
        let bytes = c.payload(10);
        c.isolated(|steps| outlives_the_last_bytes(steps, &bytes)).explain(
            "once the other end has said goodbye, reading is ready for good, whatever is cleared",
            "bytes and goodbye are one edge. A read that brought fewer bytes than there was room for may clear, and with \
             that the goodbye is gone, if it is kept in the same place: nothing will ever come to set it again",
            "what a clear leaves standing",
        )?;
        c.isolated(hears_of_a_hangup).explain(
            "when the writer of a pipe leaves without a word, its reader is woken, and reads 0 bytes",
            "a hang-up has a bit of its own, EPOLLHUP, and may come without EPOLLIN. mio's `is_readable` is false then, \
             and `is_read_closed` is true",
            "which of an event's questions you ask for each direction",
        )?;
        c.isolated(keeps_the_writers_end).explain(
            "when the reader of a pipe has left, its writer is woken, and writing is ready for good, whatever is cleared",
            "a direction that is at its end has an answer to every try, and no event will come there again. That holds for \
             a writer as it does for a reader: `is_write_closed` is said once, too",
            "what `is_write_closed` sets, and what a clear leaves standing of it",
        )
    });
}

/// When the other end says that it sends no more, reading is at its end, and writing is what it
/// was: a full socket has to be waited for.
///
/// # Hint
/// A connection has two halves. Which of them does `shutdown(Write)` of the other
/// end close, and for whom?
///
/// # Hint
/// `is_read_closed` is said of reading only, and `is_write_closed` of writing. A reactor that
/// keeps one flag for both, or sets both by either, sends a writer round and round at a full
/// socket.
#[test]
fn a_goodbye_ends_one_direction_only() {
    check(|c| {
        c.isolated(leaves_the_other_half_open).explain(
            "after the other end's goodbye, reading is ready for good, and a writer whose socket is full waits as before",
            "the other end has closed the half that it sent on. Ours is open, and the other end may go on reading \
             for hours: a reactor that takes its goodbye for the end of both makes ready a writer that is refused at every \
             try, and spins",
            "which answers of an event you count as the end of which direction",
        )
    });
}

/// The last bytes and the goodbye are one event. The short read clears.
fn outlives_the_last_bytes(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    peer.finish()?;
    turning::until_told(&mut reactor)?;
    let tick = task::is_ready(&line, &mut probe)?;
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
    task::reads(&line, &mut probe, &mut [0; 64], 0)
}

/// The writer of a pipe leaves without a word.
fn hears_of_a_hangup(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
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
    turning::until_woken(&mut reactor, &probe, "the reader of the pipe")?;
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

/// The reader of a full pipe leaves without a word.
fn keeps_the_writers_end(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (sender, receiver) = pipe::new()?;
    let pipe: Registration<pipe::Sender> = wire::register(sender, Interest::WRITABLE)?;
    let mut writer = WakerProbe::new();
    steps.now("turns that tell of an empty pipe, and writes until it is full");
    turning::settle(&mut reactor)?;
    task::fill(&pipe, &mut writer)?;
    drop(receiver);
    steps.now("turns when the reader of a pipe has left");
    turning::until_woken(&mut reactor, &writer, "the writer of the pipe")?;
    for cleared in [false, true] {
        match task::poll_ready(&pipe, &mut writer, Direction::Write)? {
            Poll::Ready(Ok(tick)) => pipe.clear(tick),
            _ if cleared => {
                return Err(violation(
                    "the reader of the pipe has left for good, and after a clear `poll_ready` of its writer is pending",
                ));
            }
            answer => {
                return Err(violation(format!(
                    "the reader of the pipe has left, its writer was woken, and `poll_ready` is {answer:?}"
                )));
            }
        }
    }
    Ok(())
}

/// A writer waits for room when the other end says that it sends no more.
fn leaves_the_other_half_open(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let [mut reader, mut writer] = [0; 2].map(|_| WakerProbe::new());
    steps.now("turns that tell of an empty socket, and writes until it is full");
    let (line, mut peer, _) = task::full_line(&mut reactor, &mut writer)?;
    peer.finish()?;
    steps.now("turns when the other end has said goodbye, and reads no more");
    turning::until_told(&mut reactor)?;
    task::is_ready(&line, &mut reader)?;
    steps.now("writes to a full socket, whose other end has said goodbye");
    loop {
        let tick = match task::poll_ready(&line, &mut writer, Direction::Write)? {
            Poll::Pending => return task::is_ready(&line, &mut reader).map(drop),
            Poll::Ready(Ok(tick)) => tick,
            Poll::Ready(Err(error)) => {
                return Err(violation(format!("`poll_ready` failed: {error}")));
            }
        };
        // It may have got some room, and an event for that: until it is refused.
        match line.get_ref().write(&[0; 4096]) {
            Ok(_) => continue,
            Err(error) if error.kind() == ErrorKind::WouldBlock => line.clear(tick),
            Err(error) => return Err(error.into()),
        }
        if task::poll_ready(&line, &mut writer, Direction::Write)?.is_ready() {
            return Err(violation(
                "the other end has said goodbye; a write was refused, since the socket is full, and was cleared, and \
                 `poll_ready` for writing is ready all the same",
            ));
        }
    }
}
