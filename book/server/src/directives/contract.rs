//! `{{#held CHECK, CHECK}}` and `{{#unseen REASON}}`: who holds a sentence of a contract. One of
//! the two stands at the end of every sentence, within its line.
//!
//! That each check of a grader is asked for by a sentence is held by the test `contracts`.

use course::Lesson;

use crate::directives::checks::{self, sentence};
use crate::fault::Problem;
use crate::lessons;
use crate::markdown::{escape, inline};
use crate::page::Page;

/// Renders the checks that hold a sentence, each as a link to its card on the same page.
///
/// # Errors
/// When the page is no lesson's chapter, or its grader has no such check.
pub fn held(page: &Page<'_>, names: &str) -> Result<String, Problem> {
    let lesson = lesson_of(page)?;
    let cards = checks::of(&lesson)?;
    let link = |name: &str| {
        if cards.iter().all(|card| card.check != name) {
            return Err(Problem::new(
                format!("no check of {} is called `{name}`", lesson.package()),
                "name the test function that holds the sentence, or say {{#unseen …}}",
            ));
        }
        let (id, words) = (escape(&checks::id(name)), escape(&sentence(name)));
        Ok(format!("<a href=\"#{id}\">{words}</a>"))
    };
    let links: Vec<String> = names
        .split(',')
        .map(|name| link(name.trim()))
        .collect::<Result<_, _>>()?;
    Ok(format!("<span class=\"held\">{}</span>", links.join(", ")))
}

/// Renders why nothing outside the program can hold a sentence.
///
/// # Errors
/// When no reason is given.
pub fn unseen(_page: &Page<'_>, reason: &str) -> Result<String, Problem> {
    if reason.trim().is_empty() {
        let remedy = "say in a few words why: {{#unseen it makes no difference to the kernel}}";
        return Err(Problem::new("the sentence says not who holds it", remedy));
    }
    let reason = inline(reason.trim());
    Ok(format!(
        "<span class=\"held\">no check holds this: {reason}</span>"
    ))
}

/// The lesson whose chapter `page` is.
fn lesson_of(page: &Page<'_>) -> Result<Lesson, Problem> {
    let name = page.path.file_stem().unwrap_or_default();
    lessons::find(page.repository, &name.to_string_lossy())
}
