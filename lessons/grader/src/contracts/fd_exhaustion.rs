//! Running out of file descriptors: the contract of every server, however it is built.

use crate::check::Check;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// Why something usually goes wrong, and where to look; in this order.
pub type Words = (&'static str, &'static str);

/// The words of a lesson for each way in which a server fails when it runs out of descriptors.
#[derive(Clone, Copy, Debug)]
pub struct Exhaustion {
    /// A client that was served before gets no answer any more.
    pub served: Words,
    /// The program asks again without a pause.
    pub calm: Words,
    /// A waiting client is not served when there are descriptors again.
    pub waiting: Words,
    /// A new client is not served afterwards.
    pub next: Words,
}

/// A server that runs out of descriptors serves the clients that it has, and burns nothing. When
/// there are descriptors again, it accepts the clients that wait, even if no new client comes.
///
/// # Errors
/// Red, when it does not.
pub fn is_survived(check: &mut Check, server: &Program, words: &Exhaustion) -> Checked {
    let mut served = server.connect_many(12)?;
    served.echo(check, 100).plainly()?;
    let open = server.open_files().len();
    server.limit_files(8)?;
    let stay_served = server.connect_unanswered(16).and_then(|late| {
        server.owes(|| (server.open_files().len() >= open + 8).then_some(()));
        served.echo(check, 100)?;
        Ok(late)
    });
    let (why, look) = words.served;
    let mut late = stay_served.suggest(
        "with no descriptor left, the clients that are served already stay served",
        why,
        look,
    )?;
    let (why, look) = words.calm;
    server.is_calm().plainly().suggest(
        "with no descriptor left, the program waits for better times and burns nothing",
        why,
        look,
    )?;
    served.truncate(2);
    let bytes = check.payload(100);
    let (why, look) = words.waiting;
    let come_to_it = late
        .iter_mut()
        .try_for_each(|client| client.echo_or_end(&bytes));
    come_to_it.suggest(
        "when ten clients have left and no new one has come, every waiting client is served, or at least hung up on",
        why,
        look,
    )?;
    drop(late);
    let (why, look) = words.next;
    let next = server
        .connect()
        .and_then(|mut next| next.echo(&check.payload(100)));
    next.plainly().suggest(
        "after a shortage of descriptors a new client is served as ever",
        why,
        look,
    )
}
