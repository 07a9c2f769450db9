//! A reactor on a thread of its own, and the same turned by hand.

use std::io::Read;
use std::task::Poll;
use std::time::{Duration, Instant};

use grader::{Checked, Explain, Failure, Steps, Stop, WakerProbe, check, violation, wait};
use mio::net::TcpStream;
use reactor::{Direction, Handle, Registration};

use crate::bell::sleeps_in_turn;
use crate::wire::{self, Peer};
use crate::{task, turning};

/// A reactor in the background tells the same story as one that is turned by hand: one code
/// path, two ways to drive it.
///
/// # Hint
/// The background is a thread that calls `turn(None)` until it errs. Which of your turns
/// err, and which return 0?
///
/// # Hint
/// An `unpark` makes a turn return 0, and the next one is as good as any other.
/// Only the end is an error.
#[test]
fn background_and_caller_driven_agree() {
    check(|c| {
        let messages = [c.payload(100), c.payload(1), c.payload(3000)];
        let same = turning::unless_it_ends(c.isolated(|steps| tells_the_same(steps, &messages)));
        let unheard = |failure: &Failure| failure.saw.contains("was not called");
        match same {
            Err(Stop::Red(failure)) if unheard(&failure) => Checked::Err(Stop::Red(failure)).explain(
                "three messages with a ring of the bell between them are all heard of",
                "a message came when the bell had rung, and its event stood in the same batch. A ring ends the sleep; what the \
                 kernel has told besides is for others, and is told once",
                "what your turn does with a batch that the bell is in",
            ),
            other => other,
        }
        .explain(
            "three messages with a ring of the bell between them, and a goodbye: the same, turned by hand and in the \
             background; and the background ends when it is dropped",
            "a turn that has brought nothing is no reason to stop, and one that errs is no reason to go on: the thread \
             in the background knows its reactor only by what `turn` returns",
            "what your turns return: after a ring, and after the end",
        )
    });
}

/// The same story twice: turned by hand, and in the background.
fn tells_the_same(steps: &Steps, messages: &[Vec<u8>]) -> Checked {
    let (mut reactor, entered) = turning::reactor()?;
    let by_hand = story(
        steps,
        "turned by hand",
        &reactor.handle(),
        messages,
        |probe| turning::until_woken(&mut reactor, probe, "the task").map(drop),
    )?;
    drop((reactor, entered));
    let (reactor, _entered) = turning::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    let handle = background.handle().clone();
    let by_itself = story(
        steps,
        "in the background",
        &handle,
        messages,
        WakerProbe::woken,
    )?;
    if by_hand != by_itself {
        return Err(violation(format!(
            "turned by hand the reads brought {by_hand:?}, and in the background {by_itself:?}"
        )));
    }
    let (line, _peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    task::waits(&line, &mut probe)?;
    turning::ends(steps, background);
    probe.woken()?;
    steps.threads()?;
    let gone = || (!sleeps_in_turn(steps)).then_some(());
    wait::until(Instant::now() + Duration::from_secs(2), gone).ok_or_else(|| {
        violation("the background was dropped, and its thread still sleeps in epoll_wait")
    })
}

/// Three messages with an `unpark` between, then the goodbye. Returns how many
/// bytes each read brought.
fn story(
    steps: &Steps,
    how: &str,
    handle: &Handle,
    messages: &[Vec<u8>],
    wake_of: impl FnMut(&WakerProbe) -> Checked,
) -> Checked<Vec<usize>> {
    let (line, mut peer) = wire::line()?;
    let mut task = Task {
        line,
        probe: WakerProbe::new(),
        wake_of,
    };
    let mut reads = Vec::new();
    for (number, message) in (1..).zip(messages) {
        steps.now(&format!("message {number}, to a reactor {how}"));
        reads.push(task.hears(&mut peer, |peer| peer.send(message))?);
        handle.unpark();
    }
    steps.now(&format!("the goodbye, to a reactor {how}"));
    reads.push(task.hears(&mut peer, Peer::finish)?);
    Ok(reads)
}

/// Reads from one registration, and waits in its own way to be woken.
struct Task<W> {
    line: Registration<TcpStream>,
    probe: WakerProbe,
    wake_of: W,
}

impl<W: FnMut(&WakerProbe) -> Checked> Task<W> {
    /// Is pending, until `happens` happens; then reads.
    fn hears(
        &mut self,
        peer: &mut Peer,
        happens: impl FnOnce(&mut Peer) -> Checked,
    ) -> Checked<usize> {
        let mut happens = Some(happens);
        loop {
            let read = |mut source: &TcpStream| source.read(&mut [0; 4096]);
            match task::poll_io(&self.line, &mut self.probe, Direction::Read, read)? {
                Poll::Ready(Ok(bytes)) if happens.is_none() => return Ok(bytes),
                Poll::Ready(answer) => {
                    return Err(violation(format!("`poll_io` returned `Ready({answer:?})`")));
                }
                Poll::Pending => {
                    happens.take().map_or(Ok(()), |happens| happens(peer))?;
                    (self.wake_of)(&self.probe)?;
                }
            }
        }
    }
}
