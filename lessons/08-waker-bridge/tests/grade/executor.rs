//! What `run` does with futures that show when they are polled.

use std::cell::Cell;
use std::future::poll_fn;
use std::mem::replace;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bridge::run;
use grader::kernel::threads::Call;
use grader::{Checked, Explanation, Program, Steps};

use crate::wire::{self, failed, ready};

/// Where the future below ends up.
const LAST: &str = "an event that wakes somebody else, while the future is pending";

/// A poll without a wake.
const UNASKED: Explanation = Explanation {
    expected: "`run` polls once to begin with, then once for each of three wakes, and not for an event that wakes somebody \
               else",
    why: "that a turn has come back says that something has happened, and not to whom. An executor that polls after \
          every turn polls every future for every event; as long as there is one future, it looks right",
    look: "what makes `run` poll again",
};

/// Three messages that wake the future, then an event that does not. Never ends:
/// afterwards nothing is left to do.
pub(crate) fn gets_three_messages_and_no_more(steps: &Steps) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut polls, read) = (0, Cell::new(0));
    // Each read stays alive until it is ready: one that is dropped is given up, and nobody owes it
    // a wake.
    let mut reads = pin!(async {
        loop {
            let mut buffer = [0; 4096];
            let answer = reader.read_some(&mut buffer).await;
            if let Err(stop) = ready(Poll::Ready(answer), 4) {
                break stop;
            }
            read.set(read.get() + 1);
        }
    });
    let talk = poll_fn(|cx| -> Poll<Checked> {
        polls += 1;
        if polls == 5 {
            steps.violated_so(
                "the future was polled once more, and nobody had woken it",
                UNASKED,
            );
        }
        let mut waker = cx.waker();
        if polls == 4 {
            steps.now(LAST);
            waker = Waker::noop();
        }
        if let Poll::Ready(stop) = reads.as_mut().poll(&mut Context::from_waker(waker)) {
            return Poll::Ready(Err(stop));
        }
        if read.get() + 1 < polls {
            ready(Poll::Pending, 4)?;
        }
        peer.send(b"more")?;
        Poll::Pending
    });
    steps.now("`run` of a future that gets three messages");
    run(&mut bridge, talk).map_err(failed)?
}

/// Waits until those steps have got to the last event, and sleep. They sleep only once it is
/// dealt with. That they sleep at all is not asked here: an executor that turns and turns without
/// a poll does what is asked.
pub(crate) fn comes_to_rest(steps: &Program) -> Checked {
    let has_begun = || steps.lines().iter().any(|line| line.ends_with(LAST));
    let sleeps = || steps.threads().iter().any(|t| t.sleeps_in(&[Call::Epoll]));
    let over = || (steps.ended().is_some() || has_begun() && sleeps()).then_some(());
    steps.owes_within(Duration::from_secs(2), over);
    match steps.ended() {
        None if has_begun() => Ok(()),
        _ => steps.concludes(),
    }
}

/// A wake comes while the first poll still runs, and no event comes at all.
pub(crate) fn is_woken_during_its_poll(steps: &Steps) -> Checked {
    let (mut bridge, _reader, _peer) = wire::lay()?;
    let mut begun = false;
    let restless = poll_fn(|cx| {
        if replace(&mut begun, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    steps.now("`run` of a future that was woken during its first poll");
    run(&mut bridge, restless).map_err(failed)
}
