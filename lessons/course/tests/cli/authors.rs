//! The commands for those who write the course.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::scratch::{Scratch, complained};

const CONTENTS: &str = "# Summary\n\n# Part I. Async I/O foundations: what the kernel offers\n\n\
                        - [02 Next](02-next.md)\n\n# Appendices\n";

#[test]
fn a_new_lesson_keeps_every_promise_but_what_its_author_has_to_write() {
    let scratch = Scratch::new();
    scratch.keep("book/src/SUMMARY.md", CONTENTS);
    scratch
        .ends_with(0, &["new", "03-new", "--title", "What's new"])
        .stdout(contains("lesson-03 is begun."));
    let contents = scratch.read("book/src/SUMMARY.md");
    assert!(
        contents.contains("- [02 Next](02-next.md)\n- [03 What's new](03-new.md)\n\n# App"),
        "{contents}"
    );
    scratch.ends_with(0, &["stubs", "--check"]);
    scratch
        .ends_with(1, &["selfcheck", "3"])
        .stdout(contains("4 promises kept, 1 broken"))
        .stdout(contains(
            "solutions/03-new/src/main.rs:1: TODO(author): what ",
        ))
        .stdout(contains("book/src/03-new.md:5: TODO(author): the question"));
    for file in [
        "solutions/03-new/Cargo.toml",
        "solutions/03-new/mistakes.toml",
        "solutions/03-new/src/main.rs",
        "lessons/03-new/Cargo.toml",
        "lessons/03-new/tests/grade.rs",
        "book/src/03-new.md",
    ] {
        scratch.keep(file, &scratch.read(file).replace("TODO(author)", "Written"));
    }
    scratch.ends_with(0, &["selfcheck", "3", "--cards"]);
}

#[test]
fn a_new_library_keeps_them_as_well() {
    let scratch = Scratch::new();
    scratch.keep("book/src/SUMMARY.md", CONTENTS);
    scratch.ends_with(0, &["new", "03-new", "--lib"]);
    scratch
        .ends_with(1, &["selfcheck", "3"])
        .stdout(contains("4 promises kept, 1 broken"))
        .stdout(contains(
            "solutions/03-new/src/lib.rs:1: TODO(author): what ",
        ));
}

#[test]
fn a_lesson_that_cannot_be_is_refused_and_nothing_is_written() {
    let scratch = Scratch::new();
    scratch.keep("book/src/SUMMARY.md", CONTENTS);
    for (asked, why) in [
        (&["3-new"][..], "two digits and words in lower case"),
        (&["03-New"], "two digits and words in lower case"),
        (&["03-"], "two digits and words in lower case"),
        (&["03-tiny"], "`tiny` already means 01-tiny"),
        (&["02-new"], "taken, by solutions/02-next"),
        (&["03-new", "--part", "9"], "There is no part 9"),
        (&["03-new", "--title", "[New]"], "A title is one line"),
        (&["03-async", "--lib"], "A library called `async`"),
    ] {
        let refused = scratch.ends_with(2, &[&["new"], asked].concat());
        let words = complained(&refused).replace('\n', " ");
        assert!(words.contains(why), "{asked:?}: {words}");
        assert!(words.contains("Nothing was written."), "{words}");
    }
    assert_eq!(scratch.read("book/src/SUMMARY.md"), CONTENTS);
    for folder in ["lessons", "solutions"] {
        let mut entries = fs::read_dir(scratch.root.join(folder)).unwrap();
        let is_new = |name: &str| name.starts_with("03") || name.starts_with("3-");
        assert!(!entries.any(|entry| is_new(&entry.unwrap().file_name().to_string_lossy())));
    }
}

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
    // What it does not bring is the reference's.
    scratch.remove(other);
    scratch.keep("solutions/01-tiny/alternatives/small/src/unused.rs", "");
    scratch.ends_with(0, &["selfcheck", "1", "--alternatives"]);
    scratch.remove("solutions/01-tiny/alternatives");
}
