//! `{{#claim NAME}}`: a statement about tokio, mio or the kernel, with the test that holds it
//! folded below.
//!
//! The mark says with which versions the claim was last held, from `book/claims/verified.toml`.
//! Where those are not the ones in `Cargo.lock`, or the claim is younger than the record, the mark
//! says that instead.

use course::claims::{Claim, Verified};

use crate::fault::Problem;
use crate::lock;
use crate::markdown::{blocks, escape, fence, inline};
use crate::page::Page;
use crate::repository::Repository;

/// Renders the claim called `name`.
///
/// # Errors
/// When there is no such claim, or the claims or their record cannot be read.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let claims = all(page.repository)?;
    let Some(claim) = claims.iter().find(|claim| claim.name == name) else {
        let nearest = Claim::most_like(name, &claims);
        let meant = nearest.map(|claim| format!("did you mean `{}`? Otherwise ", claim.name));
        let remedy = format!(
            "{}write its test in book/claims/tests/claims; `cargo course claim` lists those that there are",
            meant.unwrap_or_default()
        );
        return Err(Problem::new(format!("there is no claim `{name}`"), remedy));
    };
    let mark = mark(page.repository, claim)?;
    Ok(format!(
        "<div class=\"claim\" id=\"claim-{name}\" data-claim=\"{name}\">\n<p>{holds}</p>\n\
         <details>\n<summary>{mark}</summary>\n{remarks}\
         <figure class=\"source\">\n<figcaption><code>{file}</code></figcaption>\n\n{code}\n\n</figure>\n\
         <p>Run it, and see what it sees:</p>\n\n{command}\n\n</details>\n</div>",
        name = escape(name),
        holds = inline(&claim.holds),
        remarks = remarks(&claim.remarks),
        file = escape(&claim.file.display().to_string()),
        code = fence("rust", &claim.code),
        command = fence("sh", &format!("just claim {name}")),
    ))
}

/// Every claim of the repository.
pub(crate) fn all(repository: &Repository) -> Result<Vec<Claim>, Problem> {
    let read = || {
        Claim::all(repository.root()).map_err(|error| {
            Problem::new(
                format!("the claims cannot be read: {error:#}"),
                "a claim is a `#[test] fn` of a name of its own, with a doc comment that is its statement",
            )
        })
    };
    repository.claims.get_or_init(read).clone()
}

fn remarks(remarks: &str) -> String {
    if remarks.is_empty() {
        String::new()
    } else {
        blocks(remarks) + "\n"
    }
}

/// What the folded test's summary says.
fn mark(repository: &Repository, claim: &Claim) -> Result<String, Problem> {
    let verified = Verified::read(repository.root()).map_err(|error| {
        Problem::new(
            format!("{error:#}"),
            "write it anew: `cargo course claim --record`",
        )
    })?;
    if !verified.claims.contains(&claim.name) {
        return Ok("a test of this exists; no run of it is recorded yet".to_owned());
    }
    let version = |name: &str| verified.versions.get(name).cloned().unwrap_or_default();
    let mut held = Vec::new();
    let mut now = Vec::new();
    for krate in claim.crates.iter().copied() {
        let (recorded, pinned) = (version(krate), lock::version(repository, krate)?);
        if recorded != pinned {
            now.push(format!("{krate} {pinned}"));
        }
        held.push(format!("{krate} {recorded}"));
    }
    held.push(format!("Linux {}", version("Linux")));
    let held = format!("held by a test, {}", held.join(", "));
    Ok(if now.is_empty() {
        held
    } else {
        format!(
            "{held}; not yet with {}, which this course uses now",
            now.join(" and ")
        )
    })
}
