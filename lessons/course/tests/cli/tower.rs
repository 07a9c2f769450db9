//! The tower, and the check that takes a model.

use predicates::prelude::*;
use predicates::str::contains;

use crate::scratch::{Scratch, said};

const KEY: &str = r#"tiny = { package = "solution-01", path = "solutions/01-tiny" }"#;
const NEXT_KEY: &str = r#"next = { package = "solution-02", path = "solutions/02-next" }"#;

/// The first lesson is a floor, and the second stands on it.
fn with_a_floor() -> Scratch {
    let scratch = Scratch::new();
    scratch.replace(
        "Cargo.toml",
        "[workspace.dependencies]\n",
        &format!("[workspace.dependencies]\n{KEY}\n"),
    );
    for half in ["lessons", "solutions"] {
        let manifest = format!("{half}/01-tiny/Cargo.toml");
        scratch.replace(
            &manifest,
            "[lints]\n",
            "[lib]\nname = \"tiny\"\npath = \"src/lib.rs\"\n\n[lints]\n",
        );
        scratch.keep(&format!("{half}/01-tiny/src/lib.rs"), "//! A floor.\n");
    }
    scratch.replace(
        "lessons/02-next/Cargo.toml",
        "[dev-dependencies]\n",
        "[dependencies]\ntiny.workspace = true\n\n[dev-dependencies]\n",
    );
    // Cargo's own lock file for this workspace, before anything is changed.
    scratch.ends_with(0, &["stand-on", "1", "reference"]);
    scratch.solve();
    scratch.ends_with(0, &["check", "1"]);
    scratch
}

/// The second lesson is a floor too: it stands on the first and re-exports it, and its solution
/// stands on the first solution, whatever happens.
fn with_two_floors() -> Scratch {
    let scratch = with_a_floor();
    scratch.replace("Cargo.toml", KEY, &format!("{KEY}\n{NEXT_KEY}"));
    scratch.replace(
        "solutions/02-next/Cargo.toml",
        "[dev-dependencies]\n",
        "[dependencies]\ntiny = { package = \"solution-01\", path = \"../01-tiny\" }\n\n[dev-dependencies]\n",
    );
    for half in ["lessons", "solutions"] {
        scratch.replace(
            &format!("{half}/02-next/Cargo.toml"),
            "[lints]\n",
            "[lib]\nname = \"next\"\npath = \"src/lib.rs\"\n\n[lints]\n",
        );
        let lib = "//! A floor on a floor.\npub use tiny;\n";
        scratch.keep(&format!("{half}/02-next/src/lib.rs"), lib);
    }
    let solved = scratch.read("solutions/02-next/src/main.rs");
    scratch.keep("lessons/02-next/src/main.rs", &solved);
    scratch.ends_with(0, &["check", "2"]);
    scratch
}

#[test]
fn two_floors_of_ones_own_can_be_stood_on_and_left_in_any_order() {
    let scratch = with_two_floors();
    let before = manifest_and_lock(&scratch);
    scratch.ends_with(0, &["stand-on", "1", "mine"]);
    scratch.ends_with(0, &["check", "2"]);
    scratch.ends_with(0, &["stand-on", "2", "mine"]);
    let [manifest, _lock] = manifest_and_lock(&scratch);
    for key in [KEY, NEXT_KEY] {
        let mine = key
            .replace("solution-0", "lesson-0")
            .replace("solutions/", "lessons/");
        assert!(manifest.contains(&mine) && !manifest.contains(key));
    }
    // The solutions are a tower of their own.
    scratch.ends_with(0, &["check", "2", "--solution"]);
    scratch.ends_with(0, &["stand-on", "1", "reference"]);
    scratch.ends_with(0, &["check", "2"]);
    scratch.ends_with(0, &["stand-on", "2", "reference"]);
    assert_eq!(manifest_and_lock(&scratch), before);
}

fn manifest_and_lock(scratch: &Scratch) -> [String; 2] {
    ["Cargo.toml", "Cargo.lock"].map(|file| scratch.read(file))
}

#[test]
fn a_green_lesson_can_be_stood_on_and_going_back_leaves_no_trace() {
    let scratch = with_a_floor();
    let before = manifest_and_lock(&scratch);
    scratch
        .ends_with(0, &["stand-on", "1", "mine"])
        .stdout(contains("Later lessons stand on your own lesson-01."));
    let [manifest, lock] = manifest_and_lock(&scratch);
    let mine = r#"tiny = { package = "lesson-01", path = "lessons/01-tiny" }"#;
    assert_eq!(manifest, before[0].replace(KEY, mine));
    assert_ne!(lock, before[1], "the lock file has followed");
    scratch
        .ends_with(0, &["stand-on", "1", "mine"])
        .stdout(contains("already stand on your own"));
    scratch
        .ends_with(0, &["stand-on", "1", "reference"])
        .stdout(contains("stand on the reference of lesson-01"));
    assert_eq!(manifest_and_lock(&scratch), before);
}

#[test]
fn nobody_can_stand_on_a_lesson_that_is_not_green() {
    let scratch = with_a_floor();
    scratch.replace(
        "lessons/01-tiny/src/main.rs",
        "let mut buffer",
        "todo!();\n    let mut buffer",
    );
    let before = manifest_and_lock(&scratch);
    scratch
        .ends_with(1, &["stand-on", "1", "mine"])
        .stdout(contains(
            "Nothing was changed: nobody can stand on lesson-01",
        ));
    assert_eq!(manifest_and_lock(&scratch), before);
}

#[test]
fn resetting_a_lesson_that_is_stood_on_goes_back_first() {
    let scratch = with_a_floor();
    let before = manifest_and_lock(&scratch);
    scratch.ends_with(0, &["stand-on", "1", "mine"]);
    scratch
        .ends_with(0, &["reset", "1", "--yes"])
        .stdout(contains("they stand on the reference of lesson-01 now"));
    assert_eq!(manifest_and_lock(&scratch), before);
}

#[test]
fn a_lesson_that_is_no_floor_cannot_be_stood_on() {
    let scratch = Scratch::new();
    scratch
        .ends_with(2, &["stand-on", "2", "mine"])
        .stderr(contains("No later lesson stands on lesson-02"));
}

/// The first lesson has one more check, which is built with the feature `model`.
fn with_a_model() -> Scratch {
    let scratch = Scratch::new();
    scratch.replace(
        "solutions/01-tiny/Cargo.toml",
        "short-path = true\n",
        "short-path = true\nmodel = \"holds_in_every_order\"\n",
    );
    for half in ["lessons", "solutions"] {
        scratch.replace(
            &format!("{half}/01-tiny/Cargo.toml"),
            "[lints]\n",
            "[features]\nmodel = []\n\n[lints]\n",
        );
    }
    let grader = scratch.read("lessons/01-tiny/tests/grade.rs");
    let model = r#"
/// In every order.
#[test]
#[cfg_attr(not(feature = "model"), ignore = "takes a model")]
fn holds_in_every_order() {
    #[cfg(feature = "model")]
    check(|c| c.isolated(|_| Ok(())));
}
"#;
    scratch.keep("lessons/01-tiny/tests/grade.rs", &(grader + model));
    scratch
}

#[test]
fn a_check_that_takes_a_model_waits_until_the_others_hold() {
    let scratch = with_a_model();
    scratch.solve_half();
    scratch
        .ends_with(1, &["check", "1"])
        .stdout(contains("- skipped          holds_in_every_order"))
        .stdout(contains("once the other checks hold"));
    scratch.solve();
    let said = said(&scratch.ends_with(0, &["check", "1"]));
    let [others, announced, model] = [
        "✓ holds            echoes_once_more",
        "Last, a model of threads",
        "✓ holds            holds_in_every_order",
    ]
    .map(|words| said.find(words).expect(&said));
    assert!(others < announced && announced < model, "{said}");
    assert!(said.contains("All 4 checks hold."), "{said}");
}

#[test]
fn a_model_that_the_manifest_names_and_the_grader_lacks_breaks_a_promise() {
    let scratch = with_a_model();
    scratch.replace(
        "lessons/01-tiny/tests/grade.rs",
        "fn holds_in_every_order",
        "fn renamed",
    );
    scratch.ends_with(1, &["selfcheck", "1"]).stdout(
        contains("there is no check holds_in_every_order")
            .and(contains("broken lesson-01 reference")),
    );
}
