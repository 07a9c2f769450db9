//! Whom an event wakes.

use grader::{Checked, Explain, Explanation, Failure, Steps, Stop, WakerProbe, check, violation};

use crate::wire;
use crate::{task, turning};

/// Where nothing has come, a poll is pending, leaves its waker, and wakes nobody.
///
/// # Hint
/// What does a new registration know of its source? And if there is nothing to try, how will the
/// task hear of it?
///
/// # Hint
/// `poll_ready` looks at the state that it shares with the reactor. If nothing is ready there, it
/// leaves a clone of `cx.waker()` in that state, in the place of this direction.
#[test]
fn a_poll_that_finds_nothing_leaves_its_waker() {
    check(|c| {
        let waits = c.isolated(waits_to_be_called);
        match &waits {
            Err(Stop::Red(failure)) if task::wakes_itself(failure) => task::seen_anew(failure).explain(
                "a poll that finds nothing leaves its waker, and calls nobody",
                "a poll that calls its own waker is made again at once, finds nothing again, and so on: a busy loop \
                 that goes by way of the executor. A waker is called when something has happened, by the turn that has \
                 seen it",
                "who calls a waker in `poll_ready`",
            ),
            _ => waits.explain(
                "where nothing has come, a poll is pending, and its waker is left",
                "a source is ready when an event has said so. Until then there is nothing to try, and the waker that came \
                 with the poll is the way to hear of it",
                "what a new registration knows of its source, and what a poll does with that",
            ),
        }
    });
}

/// Of two sockets, the one that is ready has its task woken, where it was last polled, and the
/// other has not. The turn reads nothing, and a waker that was called is not called again.
///
/// # Hint
/// An event carries a token. What does the token lead to?
///
/// # Hint
/// From the token to the shared state of one source, from there to the waker of the direction that
/// has become ready: that one has to be called, and none of another socket. To call the same
/// socket's other waker too is a poll in vain, no more.
///
/// # Hint: once more
/// `Option::take` empties the place: who was called has to poll, and leaves a waker anew.
#[test]
fn wakes_the_task_whose_socket_is_ready() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| wakes_whom_it_concerns(steps, &bytes))
            .explain_by(whom_it_concerns)?;
        c.isolated(|steps| wakes_where_the_task_is_now(steps, &bytes)).explain(
            "a task that has polled twice, with two different wakers, is woken through the second",
            "a waker says where the task is to be found, and tasks move. The latest poll in a direction is the one that \
             waits; the waker of an earlier one rings at an empty house",
            "what a poll does with a waker that is there already",
        )?;
        c.isolated(|steps| wakes_once_a_poll(steps, &bytes)).explain(
            "a waker that an event has called is called no more, until a poll has left it anew",
            "a task that was called will look, and has nothing to wait for until then. A waker that stays in its place has the \
             task polled for each further event, and keeps it alive when it has long since ended",
            "what becomes of the waker that an event calls",
        )
    });
}

/// A reader and a writer wait at one socket. When there is something to read and room
/// to write, both are woken.
///
/// # Hint
/// Two tasks, one socket. How many wakers are there to be remembered?
///
/// # Hint
/// Each direction has a waker of its own. An event may be for one of them, or for both at once:
/// EPOLLIN and EPOLLOUT come in one.
#[test]
fn reader_and_writer_of_one_socket_are_both_woken() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| wakes_reader_and_writer(steps, &bytes)).explain(
            "the task that waits to read and the task that waits to write are both woken, at the same socket",
            "they are two tasks with two wakers, and one event may be for both. Where there is one place for a waker, the \
             later one pushes the earlier one out; where there are two, an event that takes only the first it finds \
             leaves the other hanging",
            "where wakers are kept, and which of them an event takes",
        )
    });
}

/// A task waits where nothing happens at all.
fn waits_to_be_called(steps: &Steps) -> Checked {
    let (_reactor, _entered) = turning::reactor()?;
    let (line, _peer) = wire::line()?;
    steps.now("a poll where nothing has come");
    task::waits(&line, &mut WakerProbe::new())
}

/// The task of the other socket was woken.
const OTHERS_TOO: &str = "the task of the other socket was woken too, and nothing has come there";

/// Two sockets, each with a task. Bytes come for the first, or for the second.
fn wakes_whom_it_concerns(steps: &Steps, bytes: &[u8]) -> Checked {
    for ready in [0, 1] {
        let (mut reactor, _entered) = turning::reactor()?;
        let (mut lines, mut probes) = (
            [wire::line()?, wire::line()?],
            [0, 1].map(|_| WakerProbe::new()),
        );
        turning::settle(&mut reactor)?;
        for ((line, _peer), probe) in lines.iter().zip(&mut probes) {
            task::waits(line, probe)?;
        }
        let (line, peer) = &mut lines[ready];
        peer.send(bytes)?;
        steps.now("a turn when one of two sockets is ready");
        let told = turning::until_woken(&mut reactor, &probes[ready], "the one that is ready")?;
        if told != 1 {
            return Err(violation(format!(
                "one socket had something to tell, and the turns returned {told}"
            )));
        }
        if probes[1 - ready].wakes() > 0 {
            return Err(violation(OTHERS_TOO));
        }
        if peer.unread()? != bytes.len() as u64 {
            return Err(violation("the turn has read what was for the task"));
        }
        task::is_ready(line, &mut probes[ready])?;
    }
    Ok(())
}

/// What is to be said where one of two sockets is ready.
fn whom_it_concerns(failure: &Failure) -> Explanation {
    if failure.saw.contains(OTHERS_TOO) {
        return Explanation {
            expected: "an event wakes the task that waits for that socket, and none that waits for another",
            why: "the token says whose event it is. A turn that wakes more tasks than that is a loop that asks \
                  everybody because something has happened to one: a poll of all for each event",
            look: "how you get from the token of an event to a waker",
        };
    }
    Explanation {
        expected: "an event wakes the task that waits for that socket and direction; `turn` returns 1, and has read nothing",
        why: "EPOLLIN is for the task that waits to read. It has to be noted at the source that the token means, for that \
              direction, and then the waker that was left there is to be called",
        look: "which of an event's questions is for which direction, and how its token leads to a source",
    }
}

/// Two events come, and the task polls only before the first.
fn wakes_once_a_poll(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    task::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    turning::until_woken(&mut reactor, &probe, "the task")?;
    turning::settle(&mut reactor)?;
    let wakes = probe.wakes();
    wire::empty(&line)?;
    peer.send(bytes)?;
    steps.now("a second event, when the task that was woken has not polled yet");
    turning::until_told(&mut reactor)?;
    if probe.wakes() > wakes {
        return Err(violation(
            "a task was woken and has not polled since, and the next event has called its waker once more",
        ));
    }
    Ok(())
}

/// A task waits, moves, and waits again: with another waker.
fn wakes_where_the_task_is_now(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    task::waits(&line, &mut probe)?;
    probe.move_task();
    steps.now("a second poll, with another waker");
    task::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a turn after the task has moved");
    turning::until_woken(&mut reactor, &probe, "the latest poll").map(drop)
}

/// A task waits for room in a full socket, another for bytes from it; then both come.
fn wakes_reader_and_writer(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (mut reader, mut writer) = (WakerProbe::new(), WakerProbe::new());
    steps.now("turns that tell of an empty socket, and writes until it is full");
    let (line, mut peer, written) = task::full_line(&mut reactor, &mut writer)?;
    task::waits(&line, &mut reader)?;
    peer.take(written)?;
    peer.send(bytes)?;
    steps.now("turns when there is room again, and something to read");
    turning::until_woken(&mut reactor, &reader, "the reader")?;
    turning::until_woken(&mut reactor, &writer, "the writer").map(drop)
}
