//! What `run` does with futures that show when they are polled.

use std::future::poll_fn;
use std::mem::replace;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bridge::run;
use grader::kernel::threads::Call;
use grader::{Checked, FutureProbe, Program, Steps};

use crate::wire::{self, failed, pending, ready};

/// An event comes whose waker is not the executor's. Never ends: afterwards there is nothing to do, and `run` sleeps.
pub(crate) fn sleeps_through_an_event_for_somebody_else(steps: &Steps) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut begun, mut buffer) = (false, [0; 4096]);
    let forgets = poll_fn(|_cx| {
        if replace(&mut begun, true) {
            steps.violated("it was polled a second time, and nobody had woken it");
        }
        let read = pin!(reader.read_some(&mut buffer));
        pending(read.poll(&mut Context::from_waker(Waker::noop())))?;
        peer.send(b"news for nobody")?;
        Poll::Pending
    });
    steps.now("`run` of a future that is pending, while an event wakes somebody else");
    run(&mut bridge, forgets).map_err(failed)?
}

/// Waits until those steps sleep in the bridge, which they do only once the event is dealt with. That they sleep at all
/// is not asked here: whoever turns and turns without a poll keeps what is asked.
pub(crate) fn comes_to_rest(steps: &Program) -> Checked {
    let sleeps = || steps.threads().iter().any(|t| t.sleeps_in(&[Call::Epoll]));
    let over = || (steps.ended().is_some() || sleeps()).then_some(());
    steps.owes_within(Duration::from_secs(2), over);
    match steps.ended() {
        Some(_) => steps.concludes(),
        None => Ok(()),
    }
}

/// A wake comes during the first poll, and later one for each of three messages.
pub(crate) fn polls_for_each_wake(steps: &Steps) -> Checked {
    let (mut bridge, mut reader, mut peer) = wire::lay()?;
    let (mut begun, mut messages, mut buffer) = (false, 3, [0; 4096]);
    let talk = poll_fn(|cx| -> Poll<Checked> {
        if !replace(&mut begun, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while let Poll::Ready(read) = pin!(reader.read_some(&mut buffer)).poll(cx) {
            ready(Poll::Ready(read), 4)?;
        }
        if messages == 0 {
            return Poll::Ready(Ok(()));
        }
        messages -= 1;
        peer.send(b"more")?;
        Poll::Pending
    });
    let (talk, polls) = FutureProbe::new(steps, talk);
    steps.now(
        "`run` of a future that wakes itself in its first poll, and gets three messages later",
    );
    run(&mut bridge, talk).map_err(failed)??;
    match (polls.count(), polls.wakes()) {
        (polls, wakes) if polls == wakes + 1 => Ok(()),
        (polls, wakes) => Err(wire::violation(format!("{wakes} wakes, and {polls} polls"))),
    }
}
