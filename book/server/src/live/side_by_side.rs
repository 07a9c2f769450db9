//! The learner's program and the reference, side by side, with the words that differ.
//!
//! Invariant: the result is text in pieces, never markup; the page makes elements of it.

use std::collections::BTreeSet;

use course::catalog::sources::Sources;
use serde::Serialize;
use similar::{Change, ChangeTag, DiffOp, DiffTag, TextDiff};

/// How many lines around a change are shown.
const CONTEXT_LINES: usize = 3;
/// The share of two lines that must be equal for their differences to be marked word by word.
const ALIKE: f32 = 0.5;

/// A file in which the two differ.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct File {
    /// Its path, relative to `src/`.
    path: String,
    /// Whose program has it: `both`, `yours` or `reference`.
    whose: &'static str,
    /// The places where they differ, each with a little around it.
    places: Vec<Vec<Row>>,
}

/// One row: a line of the learner's program, a line of the reference, or both.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    /// Whether the two are the same.
    same: bool,
    yours: Option<Line>,
    reference: Option<Line>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Line {
    /// From 1.
    number: usize,
    /// The line in pieces; a piece that the other side does not have is marked.
    pieces: Vec<(bool, String)>,
}

/// Every file in which the two differ.
pub(super) fn side_by_side(yours: &Sources, reference: &Sources) -> Vec<File> {
    let paths: BTreeSet<_> = yours.0.keys().chain(reference.0.keys()).collect();
    let files = paths.into_iter().filter_map(|path| {
        let (left, right) = (yours.0.get(path), reference.0.get(path));
        if left == right {
            return None;
        }
        let whose = match (left, right) {
            (Some(_), Some(_)) => "both",
            (Some(_), None) => "yours",
            _ => "reference",
        };
        let text = |side: Option<&String>| side.cloned().unwrap_or_default();
        Some(File {
            path: path.display().to_string(),
            whose,
            places: places(&text(left), &text(right)),
        })
    });
    files.collect()
}

fn places(yours: &str, reference: &str) -> Vec<Vec<Row>> {
    let diff = TextDiff::from_lines(yours, reference);
    let groups = diff.grouped_ops(CONTEXT_LINES);
    let rows = |op: &DiffOp| rows(op.tag(), diff.iter_changes(op));
    groups
        .iter()
        .map(|ops| ops.iter().flat_map(rows).collect())
        .collect()
}

/// The rows of one stretch. Equal lines stand in one row, and so do the lines of a replacement,
/// until one side has no more.
fn rows<'a>(tag: DiffTag, changes: impl Iterator<Item = Change<&'a str>>) -> Vec<Row> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for change in changes {
        let text = change.value().trim_end_matches('\n');
        let line = |index: Option<usize>| Line {
            number: index.unwrap_or(0) + 1,
            pieces: vec![(false, text.to_owned())],
        };
        if change.tag() != ChangeTag::Insert {
            left.push(line(change.old_index()));
        }
        if change.tag() != ChangeTag::Delete {
            right.push(line(change.new_index()));
        }
    }
    if tag == DiffTag::Replace {
        left.iter_mut()
            .zip(&mut right)
            .for_each(|(yours, reference)| mark(yours, reference));
    }
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let row = |_| Row {
        same: tag == DiffTag::Equal,
        yours: left.next(),
        reference: right.next(),
    };
    (0..count).map(row).collect()
}

/// Marks the words in which two lines differ; none, if the lines have little in common.
fn mark(yours: &mut Line, reference: &mut Line) {
    let (left, right) = (yours.pieces[0].1.clone(), reference.pieces[0].1.clone());
    let (left, right) = (words(&left), words(&right));
    let diff = TextDiff::from_slices(&left, &right);
    if diff.ratio() < ALIKE {
        return;
    }
    yours.pieces.clear();
    reference.pieces.clear();
    for change in diff.iter_all_changes() {
        let differs = change.tag() != ChangeTag::Equal;
        if change.tag() != ChangeTag::Insert {
            yours.push(differs, change.value());
        }
        if change.tag() != ChangeTag::Delete {
            reference.push(differs, change.value());
        }
    }
}

impl Line {
    fn push(&mut self, differs: bool, text: &str) {
        match self.pieces.last_mut() {
            Some((last, words)) if *last == differs => words.push_str(text),
            _ => self.pieces.push((differs, text.to_owned())),
        }
    }
}

/// A line of code in words: names and numbers as wholes, everything else sign by sign.
fn words(line: &str) -> Vec<&str> {
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = if is_word(first) {
            rest.find(|sign| !is_word(sign)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let file = |(path, text): &(&str, &str)| ((*path).into(), (*text).to_owned());
        Sources(files.iter().map(file).collect())
    }

    #[test]
    fn equal_programs_have_nothing_to_show() {
        let one = sources(&[("main.rs", "fn main() {}\n")]);
        assert_eq!(side_by_side(&one, &one), []);
    }

    #[test]
    fn a_changed_line_faces_its_other_and_the_word_that_differs_is_marked() {
        let yours = sources(&[("main.rs", "a\nlet n = socket.read(buffer)?;\nb\n")]);
        let reference = sources(&[("main.rs", "a\nlet n = socket.peek(buffer)?;\nb\n")]);
        let files = side_by_side(&yours, &reference);
        let row = &files[0].places[0][1];
        let marked = |line: &Option<Line>| -> Vec<String> {
            let pieces = line.as_ref().unwrap().pieces.iter();
            pieces
                .filter(|(differs, _)| *differs)
                .map(|(_, text)| text.clone())
                .collect()
        };
        assert!(!row.same);
        assert_eq!(row.yours.as_ref().unwrap().number, 2);
        assert_eq!(marked(&row.yours), ["read"]);
        assert_eq!(marked(&row.reference), ["peek"]);
    }

    #[test]
    fn a_file_of_one_side_faces_nothing() {
        let files = side_by_side(&sources(&[]), &sources(&[("pump.rs", "a\n")]));
        assert_eq!(
            (files[0].whose, files[0].places[0][0].yours.is_none()),
            ("reference", true)
        );
    }
}
