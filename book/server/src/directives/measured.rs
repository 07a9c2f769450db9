//! `{{#measured LESSON}}`: what the lesson's server costs, from `book/src/measured/NN-name.md`,
//! which `cargo course ladder --solution --book` writes: a table, and after an empty line what it
//! was measured on.

use crate::fault::Problem;
use crate::lessons;
use crate::markdown::{blocks, escape, inline};
use crate::page::Page;

/// Where measured tables lie, from the repository's root.
pub const FOLDER: &str = "book/src/measured";

/// Renders the table of the lesson called `name`.
///
/// # Errors
/// When there is no such lesson, or it was not measured.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    const REMEDY: &str = "make it anew: cargo course ladder --solution --book";
    let lesson = lessons::find(page.repository, name)?;
    let file = format!("{FOLDER}/{}.md", lesson.name);
    let text = page
        .repository
        .read(&file)
        .map_err(|problem| Problem::new(problem.what, REMEDY))?;
    let Some((table, caption)) = text.trim().split_once("\n\n") else {
        let what = format!("{file} does not say what it was measured on");
        return Err(Problem::new(what, REMEDY));
    };
    Ok(format!(
        "<figure class=\"measured\">\n<div class=\"measured-view\" role=\"region\" tabindex=\"0\" \
         aria-label=\"Measured: {}\">\n{}\n</div>\n<figcaption>{}</figcaption>\n</figure>",
        escape(&lesson.about.title),
        blocks(table),
        inline(caption),
    ))
}
