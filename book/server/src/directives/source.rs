//! `{{#source path[:part]}}`: code of the repository, shown with the path where it stands.
//!
//! Paths begin at the repository's root. A part is an anchor's name, or the first words of an item,
//! `fn serve`; it is moved to the left edge. Marker comments, of anchors and of the learner's
//! regions, are left out. A stub is derived from its solution and never read from the learner's
//! tree, where the learner may have changed it.

use std::path::Path;

use course::Lesson;
use course::catalog::sources::Sources;
use course::catalog::stubs;

use crate::fault::Problem;
use crate::lessons;
use crate::markdown::{escape, fence};
use crate::page::Page;

/// Renders the file, or a part of it, as a figure.
///
/// # Errors
/// When the file or the part does not exist.
pub fn render(page: &Page<'_>, argument: &str) -> Result<String, Problem> {
    let (path, part) = match argument.split_once(':') {
        Some((path, part)) => (path.trim(), Some(part.trim())),
        None => (argument, None),
    };
    let text = match read(page, path)? {
        Text::Is(text) => text,
        Text::Withheld(lesson) => return Ok(lessons::withheld(&lesson)),
    };
    let code = match part {
        Some(words) if words.contains(' ') => item(&text, words).map_err(|times| {
            let what = format!("{path} has {times} items that begin with `{words}`, and not one");
            Problem::new(
                what,
                "name an item by its first words, `fn serve` or `impl Drop for Client`",
            )
        })?,
        Some(anchor) => anchored(&text, anchor).ok_or_else(|| {
            Problem::new(
                format!("{path} has no part `{anchor}`"),
                format!("put `// ANCHOR: {anchor}` and `// ANCHOR_END: {anchor}` around it"),
            )
        })?,
        None => text,
    };
    let code = Sources([(path.into(), without_anchors(&code))].into());
    let code = stubs::without_markers(&code)
        .0
        .into_values()
        .collect::<String>();
    Ok(format!(
        "<figure class=\"source\">\n<figcaption><code>{}</code></figcaption>\n\n{}\n\n</figure>",
        escape(path),
        fence(language(path), code.trim_matches('\n')),
    ))
}

/// What a path holds, or why it is not shown.
enum Text {
    Is(String),
    Withheld(Lesson),
}

fn read(page: &Page<'_>, path: &str) -> Result<Text, Problem> {
    for lesson in lessons::all(page.repository)? {
        let reference = || {
            lesson
                .reference()
                .map_err(|error| lessons::unreadable(&error))
        };
        let inside = |folder: &str| {
            let src = format!("{folder}/{}/src/", lesson.name);
            path.strip_prefix(src.as_str()).map(Path::new)
        };
        let Some(file) = inside("lessons").or(inside("solutions")) else {
            continue;
        };
        let Some(solution) = reference()? else {
            return Ok(Text::Withheld(lesson));
        };
        if inside("solutions").is_some() {
            break;
        }
        let stub = stubs::derive(&solution).map_err(|error| {
            Problem::new(
                format!("the stub cannot be derived: {error}"),
                "run `cargo course stubs`",
            )
        })?;
        let missing = || Problem::new(format!("the stub has no file {path}"), "correct the path");
        return stub.0.get(file).cloned().map(Text::Is).ok_or_else(missing);
    }
    page.repository.read(path).map(Text::Is)
}

/// The lines between the two comments of `anchor`, at the left edge.
pub fn anchored(text: &str, anchor: &str) -> Option<String> {
    let is = |line: &str, word: &str| {
        line.split_once(word)
            .is_some_and(|(_, name)| name.split_whitespace().next() == Some(anchor))
    };
    let mut lines = text.lines().skip_while(|line| !is(line, "ANCHOR: "));
    lines.next()?;
    let mut closed = false;
    let inside: Vec<&str> = lines
        .take_while(|line| {
            closed = is(line, "ANCHOR_END: ");
            !closed
        })
        .collect();
    closed.then(|| dedented(&inside))
}

/// The one item whose line begins with `words`, without its doc comment. Its end is where rustfmt
/// puts it: at the indent where it began.
///
/// # Errors
/// With the number of such items when it is not one.
pub fn item(text: &str, words: &str) -> Result<String, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let begins: Vec<usize> = (0..lines.len())
        .filter(|&i| begins_with(lines[i], words))
        .collect();
    let [first] = begins[..] else {
        return Err(begins.len());
    };
    let indent = indent_of(lines[first]);
    let closes = |line: &str| line.trim_start().starts_with('}') || line.ends_with(';');
    let one_line = lines[first].ends_with(['}', ';']);
    let is_last = |&i: &usize| {
        i == first && one_line || i > first && indent_of(lines[i]) == indent && closes(lines[i])
    };
    let last = (first..lines.len())
        .find(is_last)
        .unwrap_or(lines.len() - 1);
    Ok(dedented(&lines[first..=last]))
}

/// Whether an item stands in `line` whose first words, what qualifies it aside, are `words`.
fn begins_with(line: &str, words: &str) -> bool {
    let mut rest = line.trim_start();
    let of_functions: &[&str] = if words.starts_with("fn ") {
        &["const ", "async "]
    } else {
        &[]
    };
    for qualifier in ["pub(crate) ", "pub(super) ", "pub "]
        .iter()
        .chain(of_functions)
    {
        rest = rest.strip_prefix(qualifier).unwrap_or(rest);
    }
    let goes_on = |next: char| next.is_alphanumeric() || next == '_';
    rest.strip_prefix(words)
        .is_some_and(|after| !after.starts_with(goes_on))
}

/// Leaves out the comments that mark anchors.
pub fn without_anchors(code: &str) -> String {
    let is_anchor = |line: &str| {
        let comment = line.trim_start().strip_prefix("//").map(str::trim_start);
        comment.is_some_and(|c| c.starts_with("ANCHOR: ") || c.starts_with("ANCHOR_END: "))
    };
    code.split_inclusive('\n')
        .filter(|line| !is_anchor(line))
        .collect()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn dedented(lines: &[&str]) -> String {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let common = filled.map(|line| indent_of(line)).min().unwrap_or(0);
    lines
        .iter()
        .map(|line| format!("{}\n", line.get(common..).unwrap_or("")))
        .collect()
}

/// What the highlighter calls the language of `path`.
fn language(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("rs") => "rust",
        Some("toml" | "lock") => "toml",
        Some("sh") => "sh",
        Some("json") => "json",
        Some("md") => "markdown",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "\
impl S {
    /// Serves.
    pub const fn serve(&self) {
        // ANCHOR: loop
        loop {

            g();
        }
        // ANCHOR_END: loop
    }

    fn served(
        &self,
    ) -> u8 {
        1
    }
}

struct Unit;
";

    #[test]
    fn an_anchored_part_stands_at_the_left_edge() {
        assert_eq!(anchored(CODE, "loop").unwrap(), "loop {\n\n    g();\n}\n");
    }

    #[test]
    fn an_anchor_that_is_missing_or_never_closed_is_none() {
        assert_eq!(anchored(CODE, "lop"), None);
        assert_eq!(anchored("// ANCHOR: a\ncode\n", "a"), None);
    }

    #[test]
    fn an_item_is_found_by_its_first_words() {
        let serve = without_anchors(&item(CODE, "fn serve").unwrap());
        assert_eq!(
            serve,
            "pub const fn serve(&self) {\n    loop {\n\n        g();\n    }\n}\n"
        );
        assert_eq!(item(CODE, "struct Unit").unwrap(), "struct Unit;\n");
        assert_eq!(item(CODE, "fn serv").unwrap_err(), 0);
    }

    #[test]
    fn a_signature_over_several_lines_does_not_end_the_item() {
        assert_eq!(
            item(CODE, "fn served").unwrap(),
            "fn served(\n    &self,\n) -> u8 {\n    1\n}\n"
        );
    }
}
