//! The commands for those who write the course.

use predicates::prelude::*;
use predicates::str::contains;

use crate::scratch::Scratch;

#[test]
fn stubs_are_compared_and_derived() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["stubs", "--check"])
        .stdout(contains("Every stub is what its solution says."));
    scratch.replace(
        "solutions/01-tiny/src/main.rs",
        "todo: say where",
        "todo: tell where",
    );
    scratch
        .ends_with(1, &["stubs", "--check"])
        .stdout(contains("+    todo!(\"tell where"));
    scratch
        .ends_with(0, &["stubs"])
        .stdout(contains("lessons/01-tiny/src is derived anew"));
    scratch.ends_with(0, &["stubs", "--check"]);
    assert!(
        scratch
            .read("lessons/01-tiny/src/main.rs")
            .contains("todo!(\"tell where")
    );
}

#[test]
fn a_marker_that_cannot_be_honoured_is_named_by_file_and_line() {
    let scratch = Scratch::new();
    scratch.replace(
        "solutions/01-tiny/src/main.rs",
        "todo: say where",
        "todo: say {where}",
    );
    scratch.ends_with(3, &["stubs"]).stderr(contains(
        "solutions/01-tiny/src: main.rs:9: the words of a `todo` may not hold",
    ));
}

#[test]
fn promises_that_are_kept_pass_and_a_missing_chapter_does_not() {
    let scratch = Scratch::new();
    scratch
        .ends_with(1, &["selfcheck", "1", "--cards"])
        .stdout(contains("there is no chapter book/src/01-tiny.md"));
    scratch.keep("book/src/01-tiny.md", "# Tiny\n");
    scratch
        .ends_with(0, &["selfcheck", "1"])
        .stdout(contains("7 promises kept, 0 broken"));
    scratch.remove("book/src/01-tiny.md");
}

#[test]
fn a_mistake_that_is_not_caught_in_its_words_breaks_a_promise() {
    let scratch = Scratch::new();
    scratch.replace(
        "solutions/01-tiny/mistakes.toml",
        "words = \"the very bytes\"",
        "words = \"no such words\"",
    );
    scratch
        .ends_with(1, &["selfcheck", "1", "--mistakes"])
        .stdout(contains(
            "`wrong-byte`: echoes_every_byte_back is red, but its message does not say",
        ))
        .stdout(contains("kept   lesson-01 mistake speechless"));
}

#[test]
fn a_check_that_no_mistake_names_breaks_a_promise() {
    let scratch = Scratch::new();
    scratch.replace(
        "solutions/01-tiny/mistakes.toml",
        "red = \"echoes_once_more\"",
        "red = \"echoes_every_byte_back\"",
    );
    scratch
        .ends_with(1, &["selfcheck", "1", "--mistakes"])
        .stdout(contains("echoes_once_more is the named red of no mistake"));
}

#[test]
fn a_grader_that_never_flickers_passes_with_and_without_company() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["flicker", "1", "2"])
        .stdout(contains("every run as it must be"));
    scratch
        .ends_with(0, &["flicker", "1", "2", "--mistakes"])
        .stdout(contains("lesson-01--speechless").and(contains("lesson-01--once")));
}

#[test]
fn an_alternative_is_graded_like_the_reference() {
    let scratch = Scratch::new();
    let reference = scratch.read("solutions/01-tiny/src/main.rs");
    let other = "solutions/01-tiny/alternatives/small/src/main.rs";
    scratch.keep(other, &reference.replace("[0; 64]", "[0; 1]"));
    scratch
        .ends_with(0, &["selfcheck", "1", "--alternatives"])
        .stdout(contains("alternative-small"));
    scratch.remove("solutions/01-tiny/alternatives");
}
