//! Rest: a server sleeps while nothing is to be done, and is there again when something is.

use crate::check::Check;
use crate::contracts::echo::{AT_THE_NEWS, UNHEARD};
use crate::kernel::threads::Call;
use crate::program::Program;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// The words for a program that was stopped and continued.
const INTERRUPTED: &str = "a stop ends the sleep with an error, ErrorKind::Interrupted. It is no event and no failure: a loop that \
                           ends because of it, or that forgets what it knew, does not hear what comes next";

/// Many silent clients cost no processor time: every thread of the program is asleep in one of
/// `calls`. Each of them is served when it speaks.
///
/// # Errors
/// Red, when it wakes or spins, or when one of them is not served.
pub fn sleeps_with_silent_clients(
    check: &mut Check,
    server: &Program,
    count: usize,
    calls: &[Call],
) -> Checked {
    let mut silent = server.connect_many(count)?;
    let timed = server.idles_in(calls).explain_when(
        Cause::TimeOut,
        "none of these clients has anything due: each event ends the sleep by itself, and a time-out among silent clients \
         only wakes the program to find out that there is nothing",
        "the time-out of the call that the program sleeps in, and what it is there for",
    );
    timed.plainly().suggest(
        &format!("with {} silent clients the program sleeps until something happens", silent.len()),
        "a time-out, a readiness that is asked for and never used, or a loop that asks again at once all wake a \
         program for nothing; the cost grows with every client",
        "the time-out of the call it sleeps in, and which events it asks for",
    )?;
    silent.echo(check, 20).plainly().suggest(
        "each of many clients that have been silent is served when it speaks",
        "a client that was let in and gets no answer later has been lost sight of meanwhile: another has taken its place in \
         a list, or has the same number",
        "how you get from an event, or an answer, to the client it is about; and how many different ones there can be",
    )
}

/// The program goes on after a stop and continue (Ctrl-Z and `fg`), in whichever of `calls` it
/// slept.
///
/// # Errors
/// Red, when it does not.
pub fn survives_suspend_and_resume(check: &mut Check, server: &Program, calls: &[Call]) -> Checked {
    let mut client = server.connect()?;
    let at_rest = "a client is served, and then the program sleeps until more comes";
    let served = client.echo(&check.payload(100));
    served
        .explain_when(Cause::Unheard, UNHEARD, AT_THE_NEWS)
        .plainly()
        .suggest(
            at_rest,
            "nothing has been stopped yet: this is a client like any other, and it has not got back what it sent",
            "what happens to a byte between the read and the write",
        )?;
    server.sleeps_in(calls).plainly().suggest(
        at_rest,
        "nothing has been stopped yet. What wakes a program without end is a time-out, or readiness that is asked for and \
         not used",
        "what the program does once it has answered",
    )?;
    let goes_on = (0..3).try_for_each(|_| {
        server.sleeps_in(calls)?;
        server.suspend()?;
        server.resume()?;
        client.echo(&check.payload(100))
    });
    goes_on
        .explain_when(
            Cause::Unheard,
            &format!(
                "{INTERRUPTED}. Where that is in order, the bytes that lie there were missed for another reason than \
                 the stop: their event came when nobody waited, and was not kept, or a task waits and has left no word \
                 of it"
            ),
            "what you do with an error of the call that waits for events, and what becomes of an event for which nobody \
             waits just then",
        )
        .suggest(
            "a program that was stopped and continued goes on as if nothing had happened",
            INTERRUPTED,
            "what you do with an error of the call that waits for events",
        )
}
