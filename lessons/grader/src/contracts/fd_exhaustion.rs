//! Running out of file descriptors: the contract of every server, however it is built.

use std::time::Duration;

use crate::check::Check;
use crate::client::Client;
use crate::client::clients::Clients;
use crate::client::pace::Pace;
use crate::kernel::threads::Call;
use crate::program::Program;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// Why something usually goes wrong, and where to look; in this order.
pub type Words = (&'static str, &'static str);

/// How a lesson's server rests, and its words for each way in which a server fails when it runs out
/// of descriptors.
#[derive(Clone, Copy, Debug)]
pub struct Exhaustion {
    /// The calls that it sleeps in, without a time-out, when nobody waits any more; empty where the
    /// lesson's program never sleeps.
    pub rests_in: &'static [Call],
    /// A client that was served before gets no answer any more, or only after a pause.
    pub served: Words,
    /// The program asks again without a pause.
    pub calm: Words,
    /// A waiting client is not served when there are descriptors again.
    pub waiting: Words,
    /// The program goes on looking for descriptors when everybody has been served.
    pub rest: Words,
    /// A new client is not served afterwards.
    pub next: Words,
}

/// In so much time a waiting client is served once there are descriptors again. A program that
/// looks a few times a second needs a tenth of it.
const SOON: Duration = Duration::from_secs(3);

/// A server that runs out of descriptors serves the clients that it has, as quickly as before, and
/// burns nothing. When there are descriptors again, it accepts the clients that wait, even if no
/// client comes or leaves; then it rests.
///
/// # Errors
/// Red, when it does not.
pub fn is_survived(check: &mut Check, server: &Program, words: &Exhaustion) -> Checked {
    let mut served = server.connect_many(12)?;
    served.echo(check, 100).plainly()?;
    let pace = served[0].pace(check).plainly()?;

    let mut late = runs_out(check, server, &mut served, &pace, words)?;
    server.allow_files()?;
    // Nobody leaves, and nobody comes: no event reminds the program of those who wait.
    let is_in = |client: &Client| client.is_accepted();
    let all_in = server.owes_within(SOON, || late.iter().all(is_in).then_some(()));
    let (why, look) = words.waiting;
    all_in
        .ok_or_else(|| {
            let waiting = late.iter().filter(|client| !is_in(client)).count();
            server.red(format!(
                "{waiting} of {} clients still wait to be accepted, {} s after the limit was raised",
                late.len(),
                SOON.as_secs()
            ))
        })
        .suggest(
            "when the program may open files again, and no client comes or leaves, every waiting client is soon accepted",
            why,
            look,
        )?;
    late.echo(check, 100)
        .suggest("a client that has waited is served", why, look)?;
    if !words.rests_in.is_empty() {
        let (why, look) = words.rest;
        server
            .idles_in(words.rests_in)
            .explain_when(Cause::TimeOut, why, look)
            .suggest(
                "when everybody has been accepted, the program sleeps until something happens",
                why,
                look,
            )?;
    }

    let mut later = runs_out(check, server, &mut served, &pace, words)?;
    drop(late);
    served.truncate(2);
    let bytes = check.payload(100);
    let (why, look) = words.waiting;
    let come_to_it = later
        .iter_mut()
        .try_for_each(|client| client.echo_or_end(&bytes));
    come_to_it.suggest(
        "when clients have left and no new one has come, every waiting client is served, or at least hung up on",
        why,
        look,
    )?;
    drop(later);
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

/// Lets the program have eight further descriptors, and sixteen further clients: those that are
/// served stay served, and nothing burns. Returns the further clients.
fn runs_out(
    check: &mut Check,
    server: &Program,
    served: &mut Clients,
    pace: &Pace,
    words: &Exhaustion,
) -> Checked<Clients> {
    let open = server.open_files().len();
    server.limit_files(8)?;
    let stay_served = server.connect_unanswered(16).and_then(|late| {
        server.owes(|| (server.open_files().len() >= open + 8).then_some(()));
        served[0].keeps_pace(check, pace)?;
        served.echo(check, 100)?;
        Ok(late)
    });
    let (why, look) = words.served;
    let late = stay_served.suggest(
        "with no descriptor left, the clients that are served already stay served, as quickly as before",
        why,
        look,
    )?;
    if words.rests_in.is_empty() {
        return Ok(late);
    }
    let (why, look) = words.calm;
    server.is_calm().plainly().suggest(
        "with no descriptor left, the program waits for better times and burns nothing",
        why,
        look,
    )?;
    Ok(late)
}
