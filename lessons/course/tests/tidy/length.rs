//! A file is read in one go, or its first page says why it is longer than that.

use crate::sources::{Source, is_of_a_solution, sources};

/// How many lines are read in one go in a program that learners compare theirs with.
const IN_SOLUTIONS: usize = 250;

/// The same for graders, whose cards are prose, for the tooling and for the book.
const ELSEWHERE: usize = 350;

/// How the sentence begins that gives a long file's reason.
const REASON: &str = "//! Longer than others: ";

#[test]
fn no_file_is_long_without_a_reason() {
    let told: Vec<_> = sources().iter().filter_map(fault).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

fn fault(source: &Source) -> Option<String> {
    let most = if is_of_a_solution(&source.path) {
        IN_SOLUTIONS
    } else {
        ELSEWHERE
    };
    let lines = source.text.lines().count();
    let mut page = source
        .text
        .lines()
        .take_while(|line| line.starts_with("//!"));
    let is_explained = page.any(|line| line.starts_with(REASON));
    let path = &source.path;
    match (lines > most, is_explained) {
        (true, false) => Some(format!(
            "{path} has {lines} lines, and {most} are read in one go: split it, \
             or say on its first page `{REASON}…`"
        )),
        (false, true) => Some(format!(
            "{path} has {lines} lines and is no longer than others: leave `{REASON}…` out"
        )),
        _ => None,
    }
}

#[test]
fn a_long_file_needs_a_reason_and_a_short_one_has_none() {
    let of = |path: &str, head: &str, more: usize| {
        let text = format!("//! A file.\n{head}{}", "code\n".repeat(more));
        let path = path.to_owned();
        fault(&Source { path, text }).is_some()
    };
    let reason = format!("//!\n{REASON}a table.\n");
    let solution = "solutions/06-echo-server/src/main.rs";
    let grader = "lessons/06-echo-server/tests/grade.rs";
    assert!(!of(solution, "", 249));
    assert!(of(solution, "", 250));
    assert!(!of(solution, &reason, 250));
    assert!(of(solution, &reason, 10));
    assert!(!of(grader, "", 349));
    assert!(of(grader, "", 350));
}
