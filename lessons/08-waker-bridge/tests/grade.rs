//! What `just check lesson-08` holds your program to.

#[path = "grade/chain.rs"]
mod chain;
#[path = "grade/wire.rs"]
mod wire;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use assert_cmd::cargo::cargo_bin;
use bridge::{Reader, run};
use grader::kernel::threads::Call;
use grader::{Checked, Explain, FutureProbe, Program, Stop, WakerProbe, check};

use crate::wire::violation;

/// Bytes arrive: the turn calls the waker, once, and leaves every byte where it is. The next poll reads them.
///
/// # Hint
/// Two functions deal with an event, and they never meet. One of them knows that something has happened, the other what
/// to do about it.
///
/// # Hint
/// `turn` takes the waker out of the slot and calls it. It needs no socket for that, and it was given none.
///
/// # Hint
/// `poll` reads first. Only when the answer is WouldBlock does it leave `cx.waker().clone()` in the slot and return
/// `Pending`.
#[test]
fn the_future_reads_and_the_turn_only_wakes() {
    check(|c| {
        let bytes = c.payload(100);
        c.apart(|steps| {
            let (mut bridge, mut reader, mut peer) = wire::lay()?;
            let (mut probe, mut buffer) = (WakerProbe::new(), [0; 4096]);
            let mut future = pin!(reader.read_some(&mut buffer));
            steps.now("a poll before anything has come");
            pending(probe.poll(future.as_mut())?)?;
            peer.send(&bytes)?;
            steps.now("a turn when bytes have come");
            wire::turn_until_woken(&mut bridge, &probe)?;
            match (probe.wakes(), peer.unread()?) {
                (1, 100) => {}
                (1, unread) => {
                    return Err(violation(format!(
                        "after the turn {unread} of the 100 bytes are still unread: somebody reads who is not the future"
                    )));
                }
                (wakes, _) => return Err(violation(format!("one event made {wakes} wakes"))),
            }
            steps.now("the poll after the wake");
            ready(probe.poll(future.as_mut())?, bytes.len())?;
            if buffer[..bytes.len()] != bytes {
                return Err(violation("what stands in the buffer is not what was sent"));
            }
            match peer.unread()? {
                0 => Ok(()),
                unread => Err(violation(format!("after the poll {unread} bytes are still unread"))),
            }
        })
        .explain(
            "when bytes come, `turn` wakes exactly once and touches none of them; the poll that follows reads them",
            "the event says only that a read is worth while. Whose bytes they are, and into which buffer they go, is \
             the future's knowledge. A handler that reads has to put them somewhere, and has to guess where",
            "what `turn` does with an event",
        )
    });
}

/// The log of a whole conversation tells the steps in an order in which they can have been taken.
///
/// # Hint
/// The first poll reads, is refused, leaves its waker and is pending. Then the thread sleeps; the event wakes; the wake
/// leads to a poll. It is a circle, and the last time around it ends in `done`.
///
/// # Hint
/// Log each step where it is taken: `would-block` and `register` in the future's poll, `event` in the turn. The other
/// lines are logged for you.
///
/// # Hint
/// Nobody calls the waker but the turn. A future that wakes itself to be polled again is a busy loop in disguise.
#[test]
fn tells_the_chain_in_order() {
    check(|c| {
        let program = c.start(cargo_bin!())?;
        let mut client = program.connect()?;
        let words = [c.payload(5), c.payload(1000), c.payload(70)];
        let talked = words.iter().try_for_each(|words| {
            program.sleeps_in(&[Call::Epoll])?;
            chain::say(&program, &mut client, words)
        });
        let parted = talked.and_then(|()| chain::part(&program, &client));
        let steps = chain::steps(&program);
        if let Some(chain::Broken { saw, rule }) = chain::broken(&steps) {
            return Err(program.red(saw).explained(rule.expected, rule.why, rule.look));
        }
        let told = parted.and_then(|()| match steps.last().map(String::as_str) {
            Some("done") => Ok(()),
            _ => Err(program.red("it ended without `done`")),
        });
        told.explain(
            "three messages and a goodbye, each sent once the program sleeps, lead through the whole chain to `done`",
            "each message is one walk around the circle: event, wake, poll, read, would-block, register, sleep",
            "the last step in the log, and which one should have followed it",
        )
    });
}

/// `run` polls once to begin with, and then once for each wake: an event that wakes somebody else is none of its
/// business, and a wake that comes during the poll is not lost.
///
/// # Hint
/// Two things can bring `turn` back: an event for your future, or anything else. How does `run` tell them apart?
///
/// # Hint
/// The future's waker rings the bell. Turn the bridge until the bell has rung, and poll only then.
///
/// # Hint
/// Look at the bell and clear it in one step (`swap`), before the poll and never after it: a wake may come during the
/// poll.
#[test]
fn polls_once_per_wake() {
    check(|c| {
        let expected = "`run` polls once to begin with, and then exactly once for each wake";
        let look = "what makes `run` poll again, and when the bell is cleared";
        c.apart(|steps| {
            let (mut bridge, mut reader, mut peer) = wire::lay()?;
            let (mut begun, mut messages, mut buffer) = (false, 3, [0; 4096]);
            let talk = std::future::poll_fn(|cx| {
                if !std::mem::replace(&mut begun, true) {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                while let Poll::Ready(read) = pin!(reader.read_some(&mut buffer)).poll(cx) {
                    read.map_err(|error| violation(format!("a read failed: {error}")))?;
                }
                match messages {
                    0 => return Poll::Ready(Ok(())),
                    _ => messages -= 1,
                }
                peer.send(b"more").map_or_else(|stop| Poll::Ready(Err(stop)), |()| Poll::Pending)
            });
            let (talk, polls) = FutureProbe::new(steps, talk);
            steps.now("`run` of a future that wakes itself once, and then gets three messages");
            run(&mut bridge, talk).map_err(|error| violation(format!("`run` failed: {error}")))??;
            match (polls.count(), polls.wakes()) {
                (polls, wakes) if polls == wakes + 1 => Ok(()),
                (polls, wakes) => Err(violation(format!("{wakes} wakes, and {polls} polls"))),
            }
        })
        .explain(
            expected,
            "a wake is a promise to poll. One that comes while the poll still runs counts as well: who clears the bell \
             after the poll throws it away, and sleeps",
            look,
        )?;
        let run_apart = c.start_apart(|steps| {
            let (mut bridge, mut reader, mut peer) = wire::lay()?;
            let mut future = pin!(mislaid(&mut reader, &mut peer));
            let mut begun = false;
            steps.now("`run` of a future whose waker nobody calls");
            let run = run(&mut bridge, std::future::poll_fn(|cx| {
                if std::mem::replace(&mut begun, true) {
                    steps.violated("it was polled a second time, and nobody had woken it");
                }
                future.as_mut().poll(cx)
            }));
            run.map_err(|error| violation(format!("`run` failed: {error}")))?
        })?;
        // The event is dealt with, or it would not sleep.
        let rests = run_apart.sleeps_in(&[Call::Epoll, Call::Futex]);
        rests.or_else(|stop| run_apart.concludes().and(Err(stop))).explain(
            expected,
            "a turn that comes back means that something has happened, and not to whom. Who polls after every turn \
             polls every future for every event; with one future it looks right",
            look,
        )
    });
}
