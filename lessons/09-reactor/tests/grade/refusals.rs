//! Tries of `poll_io` that are refused one after the other.

use std::io::{self, ErrorKind};
use std::task::Poll;

use grader::{Checked, Steps, WakerProbe, violation};
use reactor::Direction;

use crate::wire;
use crate::{task, turning};

/// How often a `poll_io` is refused in a row, each time with an event behind it.
const REFUSALS: usize = 5;

/// Each of several tries is refused, and each time an event comes before that is cleared.
pub(crate) fn are_never_handed_out(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(b"!")?;
    turning::until_told(&mut reactor)?;
    steps.now("a `poll_io` that is refused several times, with an event after each refusal");
    let (mut tries, mut stopped) = (0, Ok(()));
    for _ in 0..=REFUSALS {
        let polled = task::poll_io(&line, &mut probe, Direction::Read, |_| {
            tries += 1;
            if tries > REFUSALS || stopped.is_err() {
                return Ok(());
            }
            stopped = wire::empty(&line)
                .and_then(|_| peer.send(b"!"))
                .and_then(|()| turning::until_told(&mut reactor));
            Err(io::Error::from(ErrorKind::WouldBlock))
        })?;
        match polled {
            Poll::Ready(Ok(())) => break,
            // It may just as well ask to be polled once more.
            Poll::Pending if probe.wakes() > 0 => {}
            polled => {
                return Err(violation(format!(
                    "try {tries} was refused, there was an event since, and `poll_io` returned {polled:?}"
                )));
            }
        }
    }
    stopped
}
