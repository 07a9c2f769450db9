//! `{{#unheld NAME}}`: a statement that no test here can hold, from `book/claims/unheld/NAME.toml`.
//!
//! It stands on its source: another system, an unstable feature or an older version cannot be run
//! here. The file says the statement, why no test holds it, and what it rests on: citations as
//! `{{#cite}}` takes them, or addresses.

use serde::Deserialize;

use crate::directives::cite;
use crate::fault::Problem;
use crate::markdown::{escape, inline};
use crate::page::Page;
use crate::repository::one_of;

/// Where the statements lie, from the repository's root.
pub const FOLDER: &str = "book/claims/unheld";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unheld {
    /// The statement, Markdown, one paragraph.
    statement: String,
    /// Why no test holds it, a clause without a full stop.
    because: String,
    /// What it rests on, one or more.
    sources: Vec<String>,
}

/// Renders the statement called `name`.
///
/// # Errors
/// When there is no such statement, or it names no source.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let known = page.repository.names(FOLDER, "toml");
    if !known.iter().any(|other| other == name) {
        return Err(Problem::new(
            format!("there is no statement `{name}` without a test"),
            format!(
                "write {FOLDER}/{name}.toml, or correct the name; {}",
                one_of(&known)
            ),
        ));
    }
    let file = format!("{FOLDER}/{name}.toml");
    rendered(page, name, &file).map_err(|problem| problem.in_file(file))
}

fn rendered(page: &Page<'_>, name: &str, file: &str) -> Result<String, Problem> {
    let form = "it has `statement`, `because`, and `sources`: a list of CRATE:FILE:SYMBOL or [words](https://…)";
    let unheld: Unheld = toml::from_str(&page.repository.read(file)?)
        .map_err(|error| Problem::new(error.message().to_owned(), form))?;
    if unheld.sources.is_empty() {
        return Err(Problem::new("the statement names no source", form));
    }
    let sources: Result<Vec<String>, Problem> = unheld
        .sources
        .iter()
        .map(|source| one_source(page, source))
        .collect();
    Ok(format!(
        "<div class=\"claim unheld\" id=\"claim-{name}\">\n<p>{statement}</p>\n<details>\n\
         <summary>not held by a test: {because}</summary>\n<p>It rests on</p>\n<ul>\n<li>{sources}</li>\n</ul>\n</details>\n</div>",
        name = escape(name),
        statement = inline(unheld.statement.trim()),
        because = inline(unheld.because.trim()),
        sources = sources?.join("</li>\n<li>"),
    ))
}

fn one_source(page: &Page<'_>, source: &str) -> Result<String, Problem> {
    if source.starts_with("https://") {
        return Ok(format!("<a href=\"{0}\">{0}</a>", escape(source)));
    }
    if source.contains(' ') {
        return Ok(inline(source));
    }
    cite::render(page, source)
}
