//! What can go wrong around a lesson: each is said with what to type, and nothing is lost.

use std::fs::{self, File};
use std::io;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use predicates::prelude::*;
use predicates::str::contains;
use rustix::fs::{FlockOperation, flock};

use crate::scratch::Scratch;

#[test]
fn an_unknown_lesson_suggests_the_nearest() {
    let scratch = Scratch::new();
    scratch.ends_with(2, &["check", "tyni"]).stderr(
        contains("There is no lesson `tyni`. Did you mean `01-tiny`?").and(contains("02-next")),
    );
}

#[test]
fn a_lesson_whose_src_or_folder_is_gone_says_how_to_get_it_back() {
    let scratch = Scratch::new();
    for gone in ["lessons/01-tiny/src", "lessons/01-tiny"] {
        scratch.remove(gone);
        for command in [
            &["check", "1"][..],
            &["hint", "1"],
            &["compare", "1"],
            &["watch", "1"],
        ] {
            scratch
                .ends_with(2, command)
                .stderr(
                    contains("git checkout -- lessons/01-tiny").and(contains("reset lesson-01")),
                )
                .stderr(contains("Compiling").not());
        }
        scratch.ends_with(0, &["check", "2", "--solution"]);
    }
}

#[test]
fn another_check_that_is_running_is_waited_for_by_the_learner() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.root.join(".course")).unwrap();
    let other = File::create(scratch.root.join(".course/check.lock")).unwrap();
    flock(&other, FlockOperation::LockExclusive).unwrap();
    scratch
        .ends_with(3, &["check", "1"])
        .stderr(contains("Another check is running"));
    drop(other);
    scratch.ends_with(1, &["check", "1"]);
}

#[test]
fn damaged_progress_costs_the_ticks_and_nothing_else() {
    let scratch = Scratch::new();
    scratch.solve();
    scratch.ends_with(0, &["check", "1"]);
    scratch.keep(".course/progress.json", "{ \"lessons\": ");
    scratch
        .ends_with(0, &["progress"])
        .stderr(
            contains("was damaged, so your ticks start anew")
                .and(contains("progress.json.damaged")),
        )
        .stdout(contains("0 of 2"));
    scratch
        .ends_with(0, &["check", "1"])
        .stderr(contains("damaged").not());
    scratch
        .ends_with(0, &["progress"])
        .stdout(contains("1 of 2"));
}

#[test]
fn a_checkout_that_cannot_be_written_says_so_and_changes_nothing() {
    let scratch = Scratch::new();
    // A file where the folder should be refuses even the superuser, whom permissions do not stop.
    fs::write(scratch.root.join(".course"), "").unwrap();
    scratch
        .ends_with(3, &["check", "1"])
        .stderr(contains("cannot write to").and(contains(".course")));
    scratch.ends_with(0, &["progress"]);
}

#[test]
fn a_deleted_src_and_a_filled_in_lesson_leave_the_default_set_alone() {
    let scratch = Scratch::new();
    scratch.remove("lessons/01-tiny/src");
    scratch.keep("lessons/02-next/src/main.rs", "this is no program");
    let mut cargo = assert_cmd::Command::new(env!("CARGO"));
    cargo
        .args(["check", "--tests"])
        .current_dir(&scratch.root)
        .envs(scratch.surroundings());
    cargo.assert().success();
}

#[test]
fn a_deleted_lesson_leaves_the_others_alone() {
    let scratch = Scratch::new();
    scratch.remove("lessons/02-next");
    scratch.solve();
    scratch.ends_with(0, &["check", "1"]);
}

/// What comes of `cargo course ARGUMENTS` when its standard output is this.
fn writes_to(scratch: &Scratch, stdout: impl Into<Stdio>, arguments: &[&str]) -> Output {
    Command::new(cargo_bin!("course"))
        .args(arguments)
        .current_dir(&scratch.root)
        .envs(scratch.surroundings())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .output()
        .unwrap()
}

#[test]
fn a_reader_who_has_seen_enough_changes_nothing() {
    let scratch = Scratch::new();
    scratch.solve();
    for arguments in [
        &["check", "1", "--json"][..],
        &["check", "1"],
        &["progress"],
    ] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = writes_to(&scratch, writer, arguments);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complained}");
        assert!(!complained.contains("panicked"), "{complained}");
        assert!(!complained.contains("error"), "{complained}");
    }
    scratch
        .ends_with(0, &["progress"])
        .stdout(contains("✓  01"));
}

#[test]
fn words_that_find_no_room_are_no_verdict() {
    let scratch = Scratch::new();
    scratch.solve();
    for arguments in [
        &["check", "1", "--json"][..],
        &["progress"],
        &["break", "1"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = writes_to(&scratch, full, arguments);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {complained}");
        assert!(complained.contains("could not be written"), "{complained}");
        assert!(!complained.contains("panicked"), "{complained}");
    }
}
