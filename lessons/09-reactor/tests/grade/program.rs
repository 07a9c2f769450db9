//! The echo server, seen from outside.

use assert_cmd::cargo::cargo_bin;
use grader::kernel::threads::Call;
use grader::{Cause, Explain, check, echo, rest};

/// Of a sleep with a time-out, where nothing is due.
const FOR_NOTHING: &str = "a turn that ends by itself, in case an event was missed, gets a thread up for nothing, in every \
                           program that stands on it, for as long as it runs; and where an event *is* missed, it hides that";
const WITH_WHICH: &str =
    "with which time-out the thread in the background turns, and what `turn` makes of `None`";
/// Of any other unrest, when one client has been served and has left.
const ONE_CLIENT_GONE: &str =
    "once a client has been served and has left, every thread sleeps, in epoll_wait or in futex";
const AT_NOTHING: &str = "nothing is to be done there. A thread that gets up all the same sleeps with a time-out, however short, or is refused at \
     each try, or asks for something that nobody needs";
const WHAT_GETS_IT_UP: &str =
    "which thread that is, with which time-out it sleeps, and what it asks for again and again";

/// The program lives on when it is stopped and continued, as by Ctrl-Z and `fg`.
///
/// # Hint
/// The call that waits for events may fail with an error of the kind Interrupted.
///
/// # Hint
/// It means that nothing has happened yet. A turn without events returns 0.
#[test]
fn survives_suspend_and_resume() {
    check(|c| {
        let server = c.start(cargo_bin!())?;
        rest::survives_suspend_and_resume(c, &server, &[Call::Epoll, Call::Futex])
    });
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
        server
            .idles_in(&[Call::Epoll, Call::Futex])
            .explain_when(Cause::TimeOut, FOR_NOTHING, WITH_WHICH)
            .plainly()
            .suggest(ONE_CLIENT_GONE, AT_NOTHING, WHAT_GETS_IT_UP)?;
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
