//! Running out of file descriptors: what every server owes then, whatever it is built with.

use crate::check::Check;
use crate::program::Program;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// Why something usually goes wrong, and where to look.
pub type Words = (&'static str, &'static str);

/// What usually goes wrong in a shortage, in the words of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Exhaustion {
    /// Whoever is served already does not stay served.
    pub served: Words,
    /// The program asks again without a pause.
    pub calm: Words,
    /// Whoever waits is not served when there are descriptors again.
    pub waiting: Words,
    /// Nobody is served any more, whoever comes.
    pub next: Words,
}

/// Out of descriptors, a server serves those it has, burns nothing, and takes in those who wait when there are
/// descriptors again, though no new client comes to remind it of them.
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
