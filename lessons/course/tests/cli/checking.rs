//! `check`, from the first red to green.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::scratch::{Scratch, complained, said};

const MAIN: &str = "lessons/01-tiny/src/main.rs";

#[test]
fn a_half_done_program_hears_of_every_check_in_order_and_of_one_next_step() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.replace(
        MAIN,
        "client.write_all",
        "buffer[0] ^= 1;\n        client.write_all",
    );
    let assert = scratch.ends_with(1, &["check", "lesson-01"]);
    let said = said(&assert);
    let places = [
        "✓ holds",
        "✗ does not hold    echoes_every",
        "echoes_once_more",
        "expected",
        "saw",
    ];
    let places: Vec<_> = places
        .iter()
        .map(|words| said.find(words).expect(words))
        .collect();
    assert!(places.is_sorted(), "{said}");
    assert_eq!(
        said.lines()
            .filter(|line| line.starts_with("Next:"))
            .count(),
        1,
        "{said}"
    );
    assert!(said.trim_end().ends_with("hint lesson-01"), "{said}");
}

#[test]
fn checks_that_met_the_same_todo_are_told_together() {
    let scratch = Scratch::new();
    scratch.solve_half();
    let assert = scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains("✓ holds            says_where_it_listens"))
        .stdout(contains("○ not written yet  echoes_every_byte_back"))
        .stdout(contains("send back what the client sends").count(1))
        .stdout(contains("echoes_every_byte_back, echoes_once_more need it"))
        .stdout(contains("lessons/01-tiny/src/main.rs:24"))
        .stdout(contains("Next: write that `todo!`, then "));
    assert!(!said(&assert).contains('\u{1b}'), "colours in a pipe");
}

#[test]
fn a_green_lesson_says_what_was_learned_and_what_comes_next() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch
        .ends_with(0, &["check"])
        .stdout(contains("All 3 checks hold.").and(contains("You have seen bytes come back.")))
        .stdout(contains("compare lesson-01").and(contains("check lesson-02")));
    scratch
        .ends_with(1, &["check"])
        .stdout(contains("lesson-02").and(contains("Not started yet")));
}

#[test]
fn after_the_last_lesson_there_is_nothing_to_check() {
    let scratch = Scratch::new();
    for lesson in ["01-tiny", "02-next"] {
        let solution = scratch.read(&format!("solutions/{lesson}/src/main.rs"));
        scratch.keep(&format!("lessons/{lesson}/src/main.rs"), &solution);
        scratch.ends_with(0, &["check", lesson]);
    }
    scratch
        .ends_with(0, &["check"])
        .stdout(contains("Every lesson is green."));
}

#[test]
fn a_program_that_does_not_compile_hears_cargo_and_nothing_else() {
    let scratch = Scratch::new();
    scratch.replace(
        MAIN,
        "todo!(\"send back what the client sends\")",
        "client.sing()",
    );
    let assert = scratch.ends_with(2, &["check", "1"]);
    let complained = complained(&assert);
    assert!(
        complained.contains("error[E0599]") && complained.contains("main.rs:24"),
        "{complained}"
    );
    let after = complained
        .split("error: could not compile")
        .nth(1)
        .unwrap()
        .lines()
        .skip(1);
    assert!(
        after
            .into_iter()
            .all(|line| line.is_empty() || line.starts_with("warning: build failed")),
        "{complained}"
    );
    assert_eq!(said(&assert), "");
}

#[test]
fn a_grader_that_does_not_compile_is_not_the_learners_fault() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.replace(
        "lessons/01-tiny/tests/grade.rs",
        "use grader::{Explain, check};",
        "use grader::{Explain, cheque as check};",
    );
    scratch
        .ends_with(3, &["check", "1"])
        .stderr(contains("git checkout -- lessons/01-tiny/tests"));
}

#[test]
fn a_kit_that_does_not_compile_is_not_the_learners_fault() {
    let scratch = Scratch::new();
    scratch.solve();
    let kit = scratch.read("lessons/grader/src/lib.rs");
    scratch.keep(
        "lessons/grader/src/lib.rs",
        &format!("{kit}\nconst BROKEN: u8 = \"\";\n"),
    );
    scratch
        .ends_with(3, &["check", "1"])
        .stderr(contains("not your program's fault"));
}

#[test]
fn a_grader_that_breaks_could_not_judge_and_shows_its_last_words() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.replace(
        "lessons/01-tiny/tests/grade.rs",
        "let started = ",
        "eprintln!(\"last words\");\n        std::process::abort();\n        let started = ",
    );
    scratch
        .ends_with(3, &["check", "1"])
        .stdout(contains("could not judge  says_where_it_listens"))
        .stdout(contains("a fault of the course, not of your program").and(contains("last words")));
}

#[test]
fn json_is_one_object_for_each_check_and_nothing_else() {
    let scratch = Scratch::new();
    scratch.solve_half();
    let said = said(&scratch.ends_with(1, &["check", "1", "--json"]));
    let checks: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told = |index: usize, key: &str| checks[index][key].as_str().unwrap().to_owned();
    assert_eq!(checks.len(), 3);
    assert_eq!(
        (told(0, "lesson"), told(0, "check")),
        ("01-tiny".into(), "says_where_it_listens".into())
    );
    assert_eq!(
        (told(0, "verdict"), told(1, "verdict")),
        ("green".into(), "red".into())
    );
    assert!(checks[0]["millis"].is_u64());
    assert_eq!(checks[1]["failure"]["unwritten"]["line"], 24);
}

#[test]
fn a_folder_elsewhere_is_graded_and_leaves_progress_alone() {
    let scratch = Scratch::new();
    let theirs = tempfile::tempdir().unwrap();
    let src = theirs.path().join("src");
    fs::create_dir(&src).unwrap();
    fs::write(
        src.join("main.rs"),
        scratch.read("solutions/01-tiny/src/main.rs"),
    )
    .unwrap();
    for folder in [theirs.path(), &src] {
        scratch
            .ends_with(0, &["check", "1", "--src", folder.to_str().unwrap()])
            .stdout(contains("grading ").and(contains(src.to_str().unwrap())))
            .stdout(contains("All 3 checks hold."));
    }
    scratch
        .ends_with(0, &["progress"])
        .stdout(contains("0 of 2 lessons are green"));
}

#[test]
fn a_todo_in_a_folder_elsewhere_is_named_by_where_it_really_is() {
    let scratch = Scratch::new();
    scratch.solve_half();
    let folder = scratch.root.join("lessons/01-tiny");
    scratch
        .ends_with(1, &["check", "1", "--src", folder.to_str().unwrap()])
        .stdout(contains("lessons/01-tiny/src/main.rs:24"));
}

#[test]
fn a_folder_without_a_program_is_refused() {
    let scratch = Scratch::new();
    let empty = tempfile::tempdir().unwrap();
    scratch
        .ends_with(2, &["check", "1", "--src", empty.path().to_str().unwrap()])
        .stderr(contains("no program to grade"));
}

#[test]
fn the_reference_is_graded_when_asked_for() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["check", "1", "--solution"])
        .stdout(contains("grading solution-01"));
    scratch
        .ends_with(0, &["progress"])
        .stdout(contains("0 of 2").and(contains("✓  01").not()));
}

#[test]
fn a_program_cannot_repaint_its_verdict() {
    let scratch = Scratch::new();
    scratch.solve();
    let dirt = r"\x1b]8;;http://x\x07\r\x1b[2J\x1b[1;31mgreen\u{9b}2J\u{202e}";
    let repaints = format!(
        "println!(\"{dirt}\");\n        eprintln!(\"{dirt}\");\n        panic!(\"{dirt}\");"
    );
    scratch.replace(MAIN, "client.write_all(&buffer[..n])?;", &repaints);
    let piped = said(&scratch.ends_with(1, &["check", "1", "--all"]));
    let json = said(&scratch.ends_with(1, &["check", "1", "--json"]));
    for said in [&piped, &json] {
        assert!(!said.contains(grader::is_unseen), "{said:?}");
    }
    assert!(
        piped.contains(r"\u{1b}]8;;http://x\u{7}\r\u{1b}[2J"),
        "{piped}"
    );
    assert!(piped.contains("The same panic in 2 checks"), "{piped}");
    let mut coloured = scratch.course(&["check", "1"]);
    coloured.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1");
    let coloured = said(&coloured.assert().code(1));
    assert!(coloured.contains("\x1b[1m"), "no colours: {coloured:?}");
    // Of the course's own sequences each sets a style; taken away, they leave nothing.
    let plain = anstream::adapter::strip_str(&coloured).to_string();
    assert!(!plain.contains(grader::is_unseen), "{plain:?}");
    assert!(plain.contains(r"\u{1b}]8;;http://x"), "{plain}");
}

#[test]
fn the_first_red_check_is_told_whole_and_all_of_them_when_asked() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.replace(
        MAIN,
        "client.write_all",
        "buffer[0] ^= 1;\n        client.write_all",
    );
    scratch
        .ends_with(1, &["check", "1"])
        .stdout(
            contains("expected  ")
                .count(1)
                .and(contains("saw  ").count(2)),
        )
        .stdout(contains("check lesson-01 --all"));
    scratch
        .ends_with(1, &["check", "1", "--all"])
        .stdout(contains("expected  ").count(2))
        .stdout(contains("--all").not());
}
