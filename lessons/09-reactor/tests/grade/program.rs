//! The echo server, seen from outside; and a turn that is stopped and continued.

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Checked, Explain, Program, Steps, check, echo, rest};

use crate::turning;
use crate::wire::violation;

/// A turn that is stopped and continued, as by Ctrl-Z and `fg`, returns 0, and the program goes on.
///
/// # Hint
/// The call that waits for events may fail with an error of the kind Interrupted.
///
/// # Hint
/// It means that nothing has happened yet. A turn without events returns 0.
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let turn = c.start_isolated(turns_once)?;
        interrupts(&turn)
            .and_then(|()| turn.concludes())
            .explain(
            "a turn whose sleep was interrupted returns 0",
            "a stop ends the sleep with an error, ErrorKind::Interrupted, and nothing has happened. Whoever makes it \
             an error of his own ends the reactor over it. Whoever sleeps on inside the turn keeps the caller from \
             what he wanted to do next, and begins his time-out anew",
            "what your turn does when the wait fails, by the kind of the error",
        )?;
        let server = c.start(cargo_bin!())?;
        rest::survives_suspend_and_resume(c, &server, &[Call::Epoll, Call::Futex])
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

/// Two hundred silent clients cost nothing: one thread sleeps in epoll_wait for all of
/// them, the others in futex.
///
/// # Hint
/// Each client has a thread of its own, which waits to be unparked. What gets it
/// up, besides its own events?
///
/// # Hint
/// Pass the caller's time-out on to `Poll::poll` as it is: `None` is for ever.
#[test]
fn idle_costs_nothing() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        echo::comes_back(c, &server)?;
        rest::sleeps_with_silent_clients(c, &server, 200, &[Call::Epoll, Call::Futex])?;
        let mut in_epoll = 0;
        let one = server.owes(|| {
            let threads = server.threads();
            in_epoll = threads.iter().filter(|t| t.call == Call::Epoll).count();
            (in_epoll == 1).then_some(())
        });
        one.ok_or_else(|| server.red(format!("{in_epoll} threads sleep in epoll_wait")))
        .explain(
            "one thread sleeps in epoll_wait, and it waits for all the others",
            "there is one reactor for the whole program: the threads of the clients wait in futex, each to be unparked",
            "who turns the reactor, and how many reactors there are",
        )
    });
}
