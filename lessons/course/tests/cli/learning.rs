//! Hints, comparing, breaking, and starting over.

use predicates::prelude::*;
use predicates::str::contains;

use crate::scratch::{Scratch, complained, said};

const MAIN: &str = "lessons/01-tiny/src/main.rs";

#[test]
fn a_hint_needs_a_check_first() {
    let scratch = Scratch::new();
    scratch
        .ends_with(2, &["hint", "1"])
        .stdout(contains("First: ").and(contains("check lesson-01")));
}

#[test]
fn each_time_there_is_one_more_hint_for_the_first_red_check() {
    let scratch = Scratch::new();
    scratch.solve_half();
    scratch.ends_with(1, &["check", "1"]);
    scratch
        .ends_with(0, &["hint", "1"])
        .stdout(
            contains("echoes_every_byte_back").and(contains("Whatever a client sends comes back.")),
        )
        .stdout(contains("Hint 1 of 2\n  Read some bytes.").and(contains("Hint 2").not()));
    for _ in 0..2 {
        scratch
            .ends_with(0, &["hint", "1"])
            .stdout(contains("Hint 2 of 2\n  Write the same bytes."))
            .stdout(contains("That was the last hint."))
            .stdout(contains("Next: try it, then ").and(contains("compare").not()));
    }
    scratch
        .ends_with(0, &["hint", "1", "says_where_it_listens", "--all"])
        .stdout(contains("Next: ").and(contains("compare lesson-01")));
}

#[test]
fn all_hints_of_one_check_can_be_asked_for() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["hint", "1", "echoes_once_more", "--all"])
        .stdout(contains("Go round.").and(contains("Until a read of nothing.")));
    scratch
        .ends_with(2, &["hint", "1", "sings"])
        .stderr(contains("no check `sings`").and(contains("echoes_once_more")));
}

#[test]
fn nothing_red_needs_no_hint() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.ends_with(0, &["check", "1"]);
    scratch
        .ends_with(0, &["hint", "1"])
        .stdout(contains("Nothing was red"));
}

#[test]
fn comparing_shows_the_reference_without_its_markers() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["compare", "1"])
        .stdout(contains("src/main.rs  - yours, + reference"))
        .stdout(contains("-    todo!(\"send back what the client sends\")"))
        .stdout(contains("+    let mut buffer = [0; 64];"))
        .stdout(contains("// todo:").not().and(contains("// end").not()));
}

#[test]
fn comparing_the_same_says_so() {
    let scratch = Scratch::new();
    let reference = scratch.read("solutions/01-tiny/src/main.rs");
    let is_marker =
        |line: &&str| line.trim_start().starts_with("// todo:") || line.trim() == "// end";
    let same: String = reference
        .lines()
        .filter(|line| !is_marker(line))
        .map(|line| format!("{line}\n"))
        .collect();
    scratch.keep(MAIN, &same);
    scratch
        .ends_with(0, &["compare", "1"])
        .stdout(contains("are the same, line by line"));
}

#[test]
fn mistakes_are_listed_and_one_is_told_and_caught() {
    let scratch = Scratch::new();
    scratch.ends_with(0, &["break", "1"]).stdout(
        contains("speechless")
            .and(contains("It listens, and ends before"))
            .and(contains("once")),
    );
    let before = scratch.read(MAIN);
    scratch
        .ends_with(0, &["break", "1", "wrong-byte"])
        .stdout(contains("What was read is sent back."))
        .stdout(
            contains("✗ does not hold    echoes_every_byte_back").and(contains("says_where").not()),
        )
        .stdout(contains("your own program is untouched"));
    assert_eq!(scratch.read(MAIN), before);
}

#[test]
fn an_unknown_mistake_lists_those_there_are() {
    let scratch = Scratch::new();
    scratch
        .ends_with(2, &["break", "1", "nonesuch"])
        .stderr(contains("wrong-byte").and(contains("speechless")));
}

#[test]
fn resetting_asks_where_nobody_answers_for_a_yes() {
    let scratch = Scratch::new();
    scratch.solve();
    let before = scratch.read(MAIN);
    scratch
        .ends_with(2, &["reset", "1"])
        .stderr(contains("reset lesson-01 --yes"));
    assert_eq!(scratch.read(MAIN), before);
}

#[test]
fn resetting_keeps_a_copy_and_says_where() {
    let scratch = Scratch::new();
    let stub = scratch.read(MAIN);
    scratch.solve();
    let mine = scratch.read(MAIN);
    scratch.keep("lessons/01-tiny/src/notes.rs", "// mine");
    let said = said(&scratch.ends_with(0, &["reset", "1", "--yes"]));
    let kept = said
        .lines()
        .find_map(|line| line.split_once("kept in "))
        .expect(&said)
        .1
        .to_owned();
    assert!(kept.starts_with(".course/backups/01-tiny/2"), "{kept}");
    assert_eq!(scratch.read(&format!("{kept}/src/main.rs")), mine);
    assert_eq!(scratch.read(&format!("{kept}/src/notes.rs")), "// mine");
    assert_eq!(scratch.read(MAIN), stub);
    assert!(!scratch.root.join("lessons/01-tiny/src/notes.rs").exists());
}

#[test]
fn resetting_what_is_untouched_changes_nothing() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["reset", "1"])
        .stdout(contains("already as you first found it"));
    assert!(!scratch.root.join(".course/backups").exists());
}

#[test]
fn resetting_brings_back_a_src_that_is_gone() {
    let scratch = Scratch::new();
    let stub = scratch.read(MAIN);
    scratch.remove("lessons/01-tiny/src");
    scratch
        .ends_with(0, &["reset", "1"])
        .stdout(contains("as you first found it"));
    assert_eq!(scratch.read(MAIN), stub);
}

#[test]
fn where_the_solution_is_withheld_it_is_said_and_checking_goes_on() {
    let scratch = Scratch::new();
    scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains("Not started yet"));
    scratch.keep("solutions/01-tiny/src/main.rs", "");
    for command in [
        &["compare", "1"][..],
        &["break", "1"],
        &["reset", "1"],
        &["check", "1", "--solution"],
    ] {
        let assert = scratch.ends_with(2, command);
        assert!(
            complained(&assert).contains("withheld"),
            "{command:?}: {}",
            complained(&assert)
        );
    }
    scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains("Not started yet"));
    scratch.replace(
        MAIN,
        "    reason = \"a stub: delete this attribute when you begin\"\n",
        "",
    );
    scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains("not written yet"));
}

#[test]
fn the_hint_that_fits_the_failure_comes_first() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.replace(
        "lessons/01-tiny/tests/grade.rs",
        "//! What the tiny lesson holds a program to.\n",
        "//! What the tiny lesson holds a program to.\n//!\n//! # Hint: panicked at\n//! Read that line.\n",
    );
    scratch.replace(MAIN, "client.write_all(&buffer[..n])?", "panic!(\"no\")");
    scratch.ends_with(1, &["check", "1"]);
    scratch
        .ends_with(0, &["hint", "1"])
        .stdout(contains("echoes_every_byte_back").and(contains("Hint 1 of 3\n  Read that line.")));
    scratch.ends_with(0, &["hint", "1"]).stdout(
        contains("Hint 1 of 3\n  Read that line.").and(contains("Hint 2 of 3\n  Read some")),
    );
}
