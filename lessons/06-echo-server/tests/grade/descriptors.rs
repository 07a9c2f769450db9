//! A server that may open no further file.

use grader::{Check, Checked, Explain, Program};

/// Those who are served stay served, nothing burns, and those who wait come in when there is room.
pub(super) fn run_out(c: &mut Check, server: &Program) -> Checked {
    let mut served = server.connect_many(12)?;
    served.echo(c, 100).plainly()?;
    let open = server.open_files().len();
    server.limit_files(8)?;
    let stay_served = server.connect_unanswered(16).and_then(|late| {
        server.owes(|| (server.open_files().len() >= open + 8).then_some(()));
        served.echo(c, 100)?;
        Ok(late)
    });
    let mut late = stay_served.explain(
        "with no descriptor left the clients that are served already stay served",
        "EMFILE is an error of this accept, not of the server: `?` or `unwrap` on it ends everybody, and a sleep \
         on the spot makes everybody wait",
        "where an error of `accept` goes, and where the thread sleeps after it",
    )?;
    server.is_calm().plainly().explain(
        "with no descriptor left the program waits for better times and burns nothing",
        "accept fails with EMFILE at once, as often as you ask; asking again without a pause is a spin",
        "what you do after an accept that failed, and when you ask the next time",
    )?;
    served.truncate(2);
    let bytes = c.payload(100);
    late.iter_mut().try_for_each(|client| client.echo_or_end(&bytes)).explain(
        "when ten clients have left and no new one has come, every waiting client is served, or at least hung up on",
        "the waiting clients' edge is spent: it came when they connected. An accept that failed without \
         WouldBlock must be tried again without an event to remind you",
        "how the program remembers that clients may still wait at the listener, and what wakes it then",
    )?;
    drop(late);
    let next = server
        .connect()
        .and_then(|mut next| next.echo(&c.payload(100)));
    next.plainly().explain(
        "after a shortage of descriptors a new client is served as ever",
        "a listener that was given up, or deregistered and never registered again, hears of nobody",
        "what you did to the listener while descriptors were short",
    )
}
