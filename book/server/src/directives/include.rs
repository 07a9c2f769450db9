//! mdBook's own `{{#include}}` and its kin, checked before mdBook sees them: it only warns of a
//! missing file and says nothing of a missing anchor.

use crate::directives::source::anchored;
use crate::fault::Problem;
use crate::page::Page;

/// What mdBook itself understands.
pub const NAMES: &[&str] = &["include", "rustdoc_include", "title"];

/// Checks that the file, and the anchor if one is named, exist.
///
/// # Errors
/// When one does not.
pub fn check(page: &Page<'_>, argument: &str) -> Result<(), Problem> {
    let target = argument.split_whitespace().next().unwrap_or_default();
    let (path, part) = target.split_once(':').unwrap_or((target, ""));
    if ["../../solutions/", "../../lessons/"]
        .iter()
        .any(|folder| path.contains(folder))
    {
        return Err(Problem::new(
            format!("{path} is included as it stands, markers and all"),
            "write {{#source FILE}}, from the repository's root: it also copes with a solution that a teacher withholds",
        ));
    }
    let folder = page.path.parent().unwrap_or(page.path);
    let file = page
        .repository
        .root()
        .join("book/src")
        .join(folder)
        .join(path);
    let text = std::fs::read_to_string(&file).map_err(|error| {
        Problem::new(
            format!("cannot include {path}: {error}"),
            "the path begins at the chapter's folder; correct it, or use {{#source …}} from the repository's root",
        )
    })?;
    let lines = part.chars().all(|c| c.is_ascii_digit() || c == ':');
    if lines || anchored(&text, part).is_some() {
        return Ok(());
    }
    Err(Problem::new(
        format!("{path} has no part `{part}`"),
        format!("put `// ANCHOR: {part}` and `// ANCHOR_END: {part}` around it"),
    ))
}
