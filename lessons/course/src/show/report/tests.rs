//! What a person reads of a run.

use grader::{Failure, Panicked, Report, Unwritten, Verdict, is_unseen};

use super::{Reds, json, line, paragraph, prose, word};
use crate::grade::run::Judged;

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

/// Everything that is to be said of a run.
fn details(run: &[Judged], width: usize) -> String {
    super::details(run, Reds::Whole, width)
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

fn panicked(saw: &str, line: u32) -> Verdict {
    let Verdict::Red { mut failure } = red(saw) else {
        unreachable!("it is red");
    };
    failure.panic = Some(Box::new(Panicked {
        message: "no slot".into(),
        file: "src/main.rs".into(),
        line,
    }));
    Verdict::Red { failure }
}

#[test]
fn a_panic_that_several_checks_met_is_told_once() {
    let run = [
        judged("a", panicked("it panicked; no echo", 7)),
        judged("b", red("nothing")),
        judged("c", panicked("it panicked; no answer", 7)),
        judged("d", panicked("it panicked; no end", 9)),
    ];
    let text = plain(&details(&run, 80));
    assert!(
        text.starts_with("\nThe same panic in 2 checks\n\n  a, c\n\n  expected  an echo\n  saw       it panicked; no echo\n"),
        "{text}"
    );
    assert!(!text.contains("no answer"), "{text}");
    assert!(
        text.contains("\nd\n\n") && text.contains("no end"),
        "{text}"
    );
}

#[test]
fn the_first_red_check_is_told_whole_and_of_the_others_what_was_seen() {
    let run = [
        judged("a", Verdict::Green),
        judged("b", red("nothing")),
        judged("c", red("half of it")),
        judged("d", red("all of it twice")),
    ];
    let first = Reds::First("To read these: check --all");
    let text = plain(&super::details(&run, first, 80));
    assert_eq!(
        text,
        "\nb\n\n  expected  an echo\n  saw       nothing\n\nc\n\n  saw       half of it\n\nd\n\n  saw       all of it twice\n\n  To read these: check --all\n"
    );
    let alone = plain(&super::details(&run[..2], first, 80));
    assert!(!alone.contains("--all"), "{alone}");
    assert_eq!(plain(&details(&run, 80)).matches("expected").count(), 3);
}

#[test]
fn nothing_of_a_program_reaches_the_terminal_as_it_is() {
    let dirt = "\x1b]8;;http://x\x07\r\x1b[2J\u{9b}1m\u{7f}\u{202e}";
    let failure = Failure {
        expected: dirt.into(),
        saw: dirt.into(),
        autopsy: vec![dirt.into()],
        ..Failure::default()
    };
    let mut run = [
        judged("a", Verdict::Red { failure }),
        judged("b", unwritten(3)),
        judged(
            "c",
            Verdict::CouldNotJudge {
                reason: dirt.into(),
            },
        ),
    ];
    run[0].report.notes.push(dirt.into());
    run[2].broke.push(dirt.into());
    let Verdict::Red { failure } = &mut run[1].report.verdict else {
        unreachable!("it is red");
    };
    let todo = failure.unwritten.as_mut().unwrap();
    (todo.file, todo.words) = (dirt.into(), dirt.into());
    // Without colours there is nothing that a terminal acts on but the ends of lines; with them, no
    // more than they are.
    let text = details(&run, 80) + &line(&run[0], 1, 80);
    let unseen = |text: &str| text.chars().filter(|c| is_unseen(*c)).count();
    assert_eq!(unseen(&plain(&text)), 0, "{text:?}");
    assert_eq!(unseen(&text), text.matches("\x1b[").count(), "{text:?}");
    assert!(!text.contains("\x1b[2J"), "{text:?}");
    assert!(plain(&text).contains(r"\u{1b}]8;;http://x\u{7}\r\u{1b}[2J"));
    let json = json(&run[0]);
    assert_eq!(unseen(&json), 0, "{json:?}");
    assert_eq!(serde_json::from_str::<Judged>(&json).unwrap(), run[0]);
}

#[test]
fn a_path_is_broken_nowhere() {
    let path = "lessons/06-echo-server/src/a-module-with-a-long-name/connection.rs:41";
    for width in [30, 40, 60, 80] {
        let text = plain(&details(
            &[judged("a", red(&format!("it stopped at {path} just now")))],
            width,
        ));
        assert!(text.contains(path), "{text}");
        assert!(paragraph(path, width, "  ").contains(path));
    }
}

#[test]
fn a_name_that_finds_no_room_beside_its_verdict_has_a_line_of_its_own() {
    let text = plain(&line(&judged("echoes_every_byte", Verdict::Green), 17, 40));
    assert_eq!(text, "  ✓ holds             1.2 s\n    echoes_every_byte\n");
}
