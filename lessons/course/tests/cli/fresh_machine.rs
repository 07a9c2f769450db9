//! The course on a machine of a learner who has just installed Rust, or where something is unusual.

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::scratch::{Scratch, said};

const CHECKS: [&str; 3] = [
    "says_where_it_listens",
    "echoes_every_byte_back",
    "echoes_once_more",
];

/// The objects that were printed, one for each check, in the order of the grader.
fn objects(printed: &str) -> Vec<Value> {
    let objects: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = objects.iter().map(|object| &object["check"]).collect();
    assert_eq!(names, CHECKS);
    objects
}

/// A folder with the first lesson's program in it, changed.
fn submission(scratch: &Scratch, find: &str, replace: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let solution = scratch.read("solutions/01-tiny/src/main.rs");
    assert_eq!(solution.matches(find).count(), 1, "{find} in\n{solution}");
    let wrong = solution.replace(find, replace);
    fs::write(folder.path().join("main.rs"), wrong).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn without_crates_and_without_a_network_nothing_is_judged_and_it_says_what_to_type() {
    let scratch = Scratch::new();
    let nothing = tempfile::tempdir().unwrap();
    let right = submission(&scratch, "fn main", "fn main");
    let elsewhere = text(right.path());
    for arguments in [
        &["check", "1", "--src", elsewhere][..],
        &["check", "1", "--solution"],
        &["check", "1"],
        &["break", "1", "speechless"],
    ] {
        scratch
            .course(arguments)
            .env("CARGO_HOME", nothing.path())
            .assert()
            .code(3)
            .stderr(contains("cargo fetch --locked").and(contains("not your program's fault")));
    }
    let graded = scratch
        .course(&["check", "1", "--src", elsewhere, "--json"])
        .env("CARGO_HOME", nothing.path())
        .assert()
        .code(3);
    for object in objects(&said(&graded)) {
        assert_eq!(object["verdict"], "could-not-judge");
        assert!(object["reason"].as_str().unwrap().contains("cargo fetch"));
    }
}

#[test]
fn a_program_that_does_not_compile_is_told_in_json_too_wherever_it_is_built() {
    let scratch = Scratch::new();
    // The target folder of these tests lies outside the checkout.
    let wrong = submission(&scratch, "fn main()", "fn main(");
    let graded = scratch
        .ends_with(2, &["check", "1", "--src", text(wrong.path()), "--json"])
        .stderr(contains("linker").not());
    for object in objects(&said(&graded)) {
        let reason = object["reason"].as_str().unwrap();
        assert!(reason.starts_with("it does not compile: "), "{reason}");
        assert!(reason.contains("src/main.rs:"), "{reason}");
    }
}

#[test]
fn a_crate_that_the_lesson_does_not_have_is_said_to_belong_into_its_manifest() {
    let scratch = Scratch::new();
    let wrong = submission(&scratch, "fn main()", "use fixedbitset as _;\nfn main()");
    scratch
        .ends_with(2, &["check", "1", "--src", text(wrong.path())])
        .stderr(
            contains("Only sources are taken from").and(contains("lessons/01-tiny/Cargo.toml")),
        );
}

#[test]
fn a_check_that_cannot_begin_says_so_of_every_check() {
    let scratch = Scratch::new();
    fs::write(scratch.root.join(".course"), "").unwrap();
    let graded = scratch.ends_with(3, &["check", "1", "--json"]);
    for object in objects(&said(&graded)) {
        assert_eq!(object["verdict"], "could-not-judge");
    }
}

#[test]
fn a_clone_whose_lines_end_as_on_windows_is_as_untouched_as_any() {
    let scratch = Scratch::new();
    let stub = scratch.read("lessons/01-tiny/src/main.rs");
    scratch.keep("lessons/01-tiny/src/main.rs", &stub.replace('\n', "\r\n"));
    scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains("Not started yet"));
    scratch.ends_with(0, &["stubs", "--check"]);
    scratch.keep("lessons/01-tiny/src/main.rs", &stub);
}

#[test]
fn what_must_be_written_goes_where_built_files_go_if_the_checkout_is_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("checkout");
    fs::create_dir(&root).unwrap();
    let writable = course::Workspace::at(&root);
    assert_eq!(writable.state(), root.join(".course"));
    // A folder that does not exist cannot be written to, not even by root.
    let gone = course::Workspace::at(&folder.path().join("gone"));
    assert!(gone.state().starts_with(gone.target()));
}
