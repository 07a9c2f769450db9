//! The difference between two `src/` folders, as a person reads it.

use std::collections::BTreeSet;
use std::path::Path;

use anstyle::Style;
use grader::visible;
use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};

use crate::catalog::sources::Sources;
use crate::show::style::{BAD, GOOD, QUIET, STRONG, paint};

/// How many lines around a change are shown.
const CONTEXT: u32 = 3;

/// The difference as text: lines only in `yours` with `-`, lines only in `reference` with `+`;
/// empty when the two are equal.
pub fn compare(yours: &Sources, reference: &Sources) -> String {
    let paths: BTreeSet<_> = yours.0.keys().chain(reference.0.keys()).collect();
    let text = |sources: &Sources, path: &Path| sources.0.get(path).cloned().unwrap_or_default();
    paths
        .into_iter()
        .map(|path| file(path, &text(yours, path), &text(reference, path)))
        .collect()
}

fn file(path: &Path, yours: &str, reference: &str) -> String {
    if yours == reference {
        return String::new();
    }
    let name = path.display().to_string();
    let name = visible(&name);
    let whose = match (yours.is_empty(), reference.is_empty()) {
        (true, _) => "only in the reference",
        (_, true) => "only in yours",
        _ => "- yours, + reference",
    };
    let mut shown = format!(
        "{}  {}\n",
        paint(STRONG, format!("src/{name}")),
        paint(QUIET, whose)
    );
    let lines = InternedInput::new(yours, reference);
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    let mut around = UnifiedDiffConfig::default();
    around.context_len(CONTEXT);
    let printer = BasicLineDiffPrinter(&lines.interner);
    let diff = diff.unified_diff(&printer, around, &lines).to_string();
    for line in diff.split_terminator('\n') {
        let style = match line.as_bytes().first() {
            Some(b'@') => QUIET,
            Some(b'-') => BAD,
            Some(b'+') => GOOD,
            _ => Style::new(),
        };
        shown += &paint(style, visible(line));
        shown.push('\n');
    }
    shown + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(yours: &[(&str, &str)], reference: &[(&str, &str)]) -> String {
        let sources = |files: &[(&str, &str)]| {
            Sources(
                files
                    .iter()
                    .map(|(path, text)| (path.into(), (*text).to_owned()))
                    .collect(),
            )
        };
        anstream::adapter::strip_str(&compare(&sources(yours), &sources(reference))).to_string()
    }

    #[test]
    fn equal_sources_have_nothing_to_show() {
        assert_eq!(plain(&[("main.rs", "a\n")], &[("main.rs", "a\n")]), "");
    }

    #[test]
    fn yours_is_taken_away_and_the_reference_is_added() {
        let shown = plain(&[("main.rs", "a\nb\n")], &[("main.rs", "a\nc\n")]);
        assert!(shown.contains("\n a\n-b\n+c\n"), "{shown}");
    }

    #[test]
    fn a_file_of_one_side_is_said_to_be() {
        let shown = plain(&[], &[("client.rs", "a\n")]);
        assert!(
            shown.starts_with("src/client.rs  only in the reference\n"),
            "{shown}"
        );
    }
}
