//! What a person reads of a run.

use grader::{Failure, Report, Unwritten, Verdict};

use super::{details, line, prose, word};
use crate::grading::Judged;

fn judged(check: &str, verdict: Verdict) -> Judged {
    let report = Report {
        check: check.to_owned(),
        millis: 1234,
        notes: Vec::new(),
        verdict,
    };
    Judged {
        report,
        broke: Vec::new(),
    }
}

fn red(saw: &str) -> Verdict {
    let failure = Failure {
        expected: "an echo".into(),
        saw: saw.into(),
        ..Failure::default()
    };
    Verdict::Red { failure }
}

fn unwritten(line: u32) -> Verdict {
    let todo = Unwritten {
        words: "accept a client".into(),
        file: "src/main.rs".into(),
        line,
    };
    Verdict::Red {
        failure: Failure {
            unwritten: Some(todo),
            ..Failure::default()
        },
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn every_verdict_has_its_word() {
    let reason = || "no strace".to_owned();
    let verdicts = [
        Verdict::Green,
        red("nothing"),
        Verdict::Skipped { reason: reason() },
        Verdict::CouldNotJudge { reason: reason() },
        unwritten(1),
    ];
    let words = [
        "holds",
        "does not hold",
        "skipped",
        "could not judge",
        "not written yet",
    ];
    assert_eq!(verdicts.each_ref().map(word), words);
}

#[test]
fn a_line_has_mark_word_name_and_duration() {
    let line = plain(&line(&judged("echoes", Verdict::Green), 10, 80));
    assert_eq!(line, "  ✓ holds            echoes       1.2 s\n");
}

#[test]
fn a_note_stands_below_its_line() {
    let mut scaled = judged("echoes", Verdict::Green);
    scaled
        .report
        .notes
        .push("500 clients instead of 1 000".into());
    let text = plain(&line(&scaled, 6, 80));
    assert_eq!(
        text.lines().nth(1).unwrap().trim(),
        "500 clients instead of 1 000"
    );
}

#[test]
fn failures_are_wrapped_beside_their_label() {
    let text = plain(&details(
        &[judged("echoes", red(&"five bytes ".repeat(12)))],
        40,
    ));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.iter().all(|line| line.len() <= 40), "{text}");
    assert!(lines.contains(&"  expected  an echo"), "{text}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("            five bytes")),
        "{text}"
    );
}

#[test]
fn checks_that_met_one_todo_are_told_in_one_paragraph() {
    let run = [
        judged("a", unwritten(7)),
        judged("b", red("x")),
        judged("c", unwritten(7)),
        judged("d", unwritten(9)),
    ];
    let text = plain(&details(&run, 80));
    assert_eq!(text.matches("Not written yet").count(), 2, "{text}");
    assert!(
        text.contains("a, c need it.") && text.contains("d needs it."),
        "{text}"
    );
}

#[test]
fn a_todo_that_every_check_met_needs_no_list() {
    let all = [judged("a", unwritten(7)), judged("b", unwritten(7))];
    let text = plain(&details(&all, 80));
    assert!(text.contains("Every check needs it."), "{text}");
}

#[test]
fn a_broken_grader_shows_its_last_lines() {
    let mut broken = judged(
        "echoes",
        Verdict::CouldNotJudge {
            reason: "it ended without a verdict".into(),
        },
    );
    broken.broke.push("thread 'main' panicked".into());
    let text = plain(&details(&[broken], 80));
    assert!(
        text.contains("not of your program") && text.contains("    thread 'main' panicked"),
        "{text}"
    );
}

#[test]
fn prose_joins_lines_and_leaves_code_alone() {
    let text = prose("One\ntwo.\n\n```sh\nss -t\n```\n- a\n- b", 80, "  ");
    assert_eq!(
        text,
        "  One two.\n\n  ```sh\n  ss -t\n  ```\n  - a\n  - b\n"
    );
}
