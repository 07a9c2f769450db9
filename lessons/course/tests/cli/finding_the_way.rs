//! The welcome, the map, and what a learner reads first.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::scratch::{Scratch, complained, said};

#[test]
fn the_welcome_proves_that_the_course_works_and_says_where_to_begin() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &[])
        .stdout(contains("The course works on this machine: 3 checks hold"))
        .stdout(contains("I. Async I/O foundations").and(contains("II.").not()))
        .stdout(
            contains("Tiny")
                .and(contains("5 min"))
                .and(contains("as little as will do")),
        )
        .stdout(contains("Begin with lesson-01"))
        .stdout(contains("book/src/01-tiny.md"))
        .stdout(contains(
            "lessons/01-tiny/src/main.rs:18\n           say where the program listens",
        ));
}

#[test]
fn the_welcome_works_in_a_subfolder() {
    let scratch = Scratch::new();
    scratch
        .course(&[])
        .current_dir(scratch.root.join("lessons/01-tiny/src"))
        .assert()
        .code(0);
}

#[test]
fn the_welcome_goes_on_where_the_learner_is() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.ends_with(0, &["check", "1"]);
    scratch
        .ends_with(0, &[])
        .stdout(contains("✓  01"))
        .stdout(contains("Go on with lesson-02"))
        .stdout(contains("lessons/02-next/src/main.rs"));
}

#[test]
fn a_machine_on_which_the_reference_is_red_is_said_to_be_at_fault() {
    let scratch = Scratch::new();
    scratch.replace(
        "solutions/01-tiny/src/main.rs",
        "&buffer[..n]",
        "&buffer[..1]",
    );
    scratch
        .ends_with(1, &[])
        .stdout(contains("should be green, and is not on this machine"))
        .stdout(contains("echoes_every_byte_back").and(contains("check lesson-01 --solution")));
}

#[test]
fn progress_shows_the_map_and_the_next_lesson() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["progress"])
        .stdout(contains(
            "0 of 2 lessons are green (✓). The short path: 01, 02. Minutes are estimates.",
        ))
        .stdout(contains("check lesson-01"));
}

#[test]
fn an_untouched_stub_is_not_started_yet_and_no_wall_of_red() {
    let scratch = Scratch::new();
    let assert = scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains(
            "Not started yet. Everything is installed correctly",
        ))
        .stdout(contains("book/src/01-tiny.md"))
        .stdout(
            contains("lessons/01-tiny/src/main.rs:18")
                .and(contains("say where the program listens")),
        )
        .stdout(contains("does not hold").not());
    assert!(said(&assert).lines().count() < 12, "{}", said(&assert));
}

#[test]
fn everything_a_learner_reads_fits_in_eighty_columns() {
    let scratch = Scratch::new();
    let mut read = said(&scratch.ends_with(0, &[]));
    read += &said(&scratch.ends_with(1, &["check", "1"]));
    read += &said(&scratch.ends_with(0, &["--help"]));
    scratch.solve_half();
    read += &said(&scratch.ends_with(1, &["check", "1"]));
    read += &said(&scratch.ends_with(0, &["hint", "1", "--all"]));
    read += &complained(&scratch.ends_with(2, &["check", "nonesuch"]));
    for line in read.lines() {
        assert!(
            line.chars().count() <= 80,
            "{} columns: {line}",
            line.chars().count()
        );
    }
}

#[test]
fn where_just_is_installed_its_recipes_are_what_to_type() {
    let scratch = Scratch::new();
    let tools = tempfile::tempdir().unwrap();
    fs::write(tools.path().join("just"), "").unwrap();
    let path = format!(
        "{}:{}",
        tools.path().display(),
        std::env::var("PATH").unwrap()
    );
    scratch
        .course(&["progress"])
        .env("PATH", path)
        .assert()
        .stdout(contains("Next: Tiny, just check lesson-01"));
}

#[test]
fn outside_the_course_it_says_where_to_go() {
    let scratch = Scratch::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let assert = scratch
        .course(&["check"])
        .current_dir(elsewhere.path())
        .assert()
        .code(2);
    assert.stderr(contains("not inside the course"));
}

#[test]
fn the_exit_codes_are_in_the_help() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["--help"])
        .stdout(contains("Exit codes:").and(contains("3  no verdict was possible")));
    scratch.ends_with(2, &["chekc"]);
}
