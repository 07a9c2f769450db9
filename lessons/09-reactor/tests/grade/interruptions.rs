//! A turn that is stopped and continued.

use grader::kernel::threads::Call;
use grader::{Checked, Explain, Program, Steps, check, violation};

use crate::turning;

/// A turn whose sleep is interrupted, by a stop and continue, returns 0.
///
/// # Hint
/// The call that waits for events may fail with an error of the kind Interrupted.
///
/// # Hint
/// It means that nothing has happened yet. A turn without events returns 0, and does not sleep on:
/// the caller may have something else to do by now.
#[test]
fn an_interrupted_turn_returns_zero() {
    check(|c| {
        let turn = c.start_isolated(turns_once)?;
        interrupts(&turn)
            .and_then(|()| turn.concludes())
            .explain(
            "a turn whose sleep was interrupted returns 0",
            "a stop ends the sleep with an error, ErrorKind::Interrupted, and nothing has happened. A turn that \
             passes the error on ends the reactor over it. A turn that sleeps on keeps its caller from what it has to do \
             next, and begins the time-out anew",
            "what your turn does when the wait fails, by the kind of the error",
        )
    });
}

/// One turn that nothing ends.
fn turns_once(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    steps.now("`turn(None)`, stopped and continued in its sleep");
    match turning::turned(reactor.turn(None))? {
        0 => Ok(()),
        told => Err(violation(format!(
            "nothing has happened, and a turn that was stopped and continued returned {told}"
        ))),
    }
}

/// Stops and continues the process when its turn sleeps.
fn interrupts(turn: &Program) -> Checked {
    let in_turn = || turn.threads().iter().any(|t| t.sleeps_in(&[Call::Epoll]));
    let asleep = turn.owes(|| in_turn().then_some(()));
    asleep.ok_or_else(|| turn.red("`turn(None)` does not sleep in epoll_wait"))?;
    turn.suspend()?;
    turn.resume()
}
