//! Finds the directives of a chapter: `{{#name argument}}`, each on one line.
//!
//! A backslash before the braces escapes a directive, as it does in mdBook; what follows is then
//! text, and mdBook takes the backslash away.

use std::ops::Range;

use crate::fault::Problem;

/// One directive, as it stands in a chapter.
#[derive(Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    /// What is asked for, `quiz` for example.
    pub name: &'a str,
    /// What follows the name, without the space around it; may be empty.
    pub argument: &'a str,
    /// The bytes of the chapter that the directive takes up, braces included.
    pub range: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
    /// Whether nothing else stands on its line; a directive that becomes a block must be alone.
    pub alone: bool,
}

/// Finds every directive in `text`, in order; a directive that is never closed is a problem of its
/// line.
pub fn find(text: &str) -> Vec<Result<Directive<'_>, (usize, Problem)>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (index, whole) in text.split_inclusive('\n').enumerate() {
        let content = whole.trim_end_matches(['\n', '\r']);
        found.extend(in_line(content, start, index + 1));
        start += whole.len();
    }
    found
}

/// Finds the directives of one line, which begins `offset` bytes into the chapter.
fn in_line(
    content: &str,
    offset: usize,
    line: usize,
) -> Vec<Result<Directive<'_>, (usize, Problem)>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = content[at..].find("{{#").map(|i| at + i) {
        if content[..open].ends_with('\\') {
            at = open + 3;
            continue;
        }
        let Some(close) = content[open..].find("}}").map(|i| open + i) else {
            let problem = Problem::new(
                "a directive is opened by `{{#` and not closed on its line",
                "close it with `}}`, or write `\\{{#` where the braces are meant as text",
            );
            found.push(Err((line, problem)));
            break;
        };
        let inner = content[open + 3..close].trim();
        let (name, argument) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        at = close + 2;
        found.push(Ok(Directive {
            name,
            argument: argument.trim(),
            range: offset + open..offset + at,
            line,
            alone: open == 0 && content[at..].trim().is_empty(),
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_name_argument_and_line() {
        let text = "first\n\n{{#quiz edges}}\nsee {{#cite tokio:a.rs:b}} there\n";
        let found: Vec<_> = find(text).into_iter().map(Result::unwrap).collect();
        assert_eq!(
            (found[0].name, found[0].argument, found[0].line),
            ("quiz", "edges", 3)
        );
        assert!(found[0].alone);
        assert_eq!(&text[found[1].range.clone()], "{{#cite tokio:a.rs:b}}");
        assert!(!found[1].alone);
    }

    #[test]
    fn leaves_an_escaped_directive_alone() {
        assert!(find("write \\{{#quiz NAME}} for a quiz").is_empty());
    }

    #[test]
    fn says_which_line_is_never_closed() {
        let found = find("a\n{{#quiz edges\n}}");
        assert_eq!(found[0].as_ref().unwrap_err().0, 2);
    }
}
