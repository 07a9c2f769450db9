//! Measuring, on the tiny lesson: one server, one client.

use std::os::unix::fs::PermissionsExt;
use std::{env, fs};

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use crate::scratch::{Scratch, complained, said};

/// Puts `instead` where the learner's program sends back what it has read.
fn with_answer(scratch: &Scratch, instead: &str) {
    scratch.solve();
    scratch.replace(
        "lessons/01-tiny/src/main.rs",
        "client.write_all(&buffer[..n])?;",
        instead,
    );
}

#[test]
fn a_server_is_measured_with_as_many_clients_as_it_serves() {
    let scratch = Scratch::new();
    let assert = scratch
        .ends_with(0, &["measure", "1", "--solution"])
        .stdout(contains("measuring solution-01, release build"))
        .stdout(contains("  clients  threads"))
        .stdout(contains(
            "It serves 1 client at a time, and is measured so.",
        ));
    let said = said(&assert);
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
}

#[test]
fn calls_that_were_not_counted_are_not_said_to_be() {
    let scratch = Scratch::new();
    let refused = "#!/bin/sh\necho 'strace: ptrace: Operation not permitted' >&2\nexit 1\n";
    let strace = scratch.root.join("bin/strace");
    fs::create_dir_all(scratch.root.join("bin")).unwrap();
    fs::write(&strace, refused).unwrap();
    fs::set_permissions(&strace, fs::Permissions::from_mode(0o755)).unwrap();
    let path = env::var("PATH").unwrap();
    let path = format!("{}:{path}", strace.parent().unwrap().display());
    let mut measure = scratch.course(&["measure", "1", "--solution"]);
    let said = said(&measure.env("PATH", path).assert().code(0));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("System calls were not counted"), "{said}");
    assert!(!said.contains("System calls are counted"), "{said}");
}

#[test]
fn a_measurement_is_one_json_object_for_each_number_of_clients() {
    let scratch = Scratch::new();
    let assert = scratch.ends_with(0, &["measure", "1", "--solution", "--json"]);
    let row: Value = serde_json::from_str(&said(&assert)).unwrap();
    assert_eq!(row["lesson"], "01-tiny");
    assert_eq!(row["program"], "solution-01");
    assert_eq!(
        [&row["clients"], &row["talkers"], &row["threads"]],
        [1, 1, 1]
    );
    assert!(row["resident_bytes"].as_u64().unwrap() > 100_000, "{row}");
    assert!(
        row["reserved_bytes"].as_u64() >= row["resident_bytes"].as_u64(),
        "{row}"
    );
    assert!(row["idle_wanted"].as_f64().unwrap() < 0.5, "{row}");
    assert!(
        row["median_micros"].as_f64() <= row["worst_micros"].as_f64(),
        "{row}"
    );
    assert!(row["machine"]["cores"].as_u64().unwrap() > 0);
    // A read and a write, where strace is there.
    if let Some(calls) = row["calls_per_message"].as_f64() {
        assert!((1.9..2.5).contains(&calls), "{row}");
    }
}

#[test]
fn a_program_that_dies_under_the_load_is_told_in_words() {
    let scratch = Scratch::new();
    with_answer(
        &scratch,
        "client.write_all(&buffer[..n])?; if n == 64 { panic!(\"too much\") }",
    );
    scratch
        .ends_with(1, &["measure", "1"])
        .stdout(contains("It could not be measured with 1 client\n"))
        .stdout(contains("the program panicked at").and(contains("too much")));
    let assert = scratch.ends_with(1, &["measure", "1", "--json"]);
    let told: Value = serde_json::from_str(&said(&assert)).unwrap();
    assert_eq!(told["clients"], 1);
    assert!(
        told["failure"]["saw"]
            .as_str()
            .unwrap()
            .contains("too much")
    );
}

#[test]
fn a_program_that_never_answers_is_ended_and_told_in_words() {
    let scratch = Scratch::new();
    with_answer(&scratch, "let _ = &buffer[..n];");
    scratch
        .ends_with(1, &["measure", "1"])
        .stdout(contains("0 of 7 bytes came back, then nothing more"));
}

#[test]
fn what_is_not_begun_or_has_no_server_is_not_measured() {
    let scratch = Scratch::new();
    scratch
        .ends_with(1, &["measure", "1"])
        .stdout(contains("Not started yet."));
    let manifest = scratch.read("solutions/02-next/Cargo.toml");
    scratch.keep(
        "solutions/02-next/Cargo.toml",
        &manifest.replace("measure = { serves = 1 }\n", ""),
    );
    let assert = scratch.ends_with(2, &["measure", "2"]);
    let words = complained(&assert).replace('\n', " ");
    assert!(words.contains("lesson-02 has no server"), "{words}");
    assert!(
        words.contains("The lessons with one are: 01-tiny."),
        "{words}"
    );
}

#[test]
fn a_ladder_has_the_green_lessons_and_is_drawn() {
    let scratch = Scratch::new();
    scratch
        .ends_with(2, &["ladder"])
        .stderr(contains("cargo course ladder --solution").or(contains("just ladder --solution")));
    scratch.solve();
    scratch.ends_with(0, &["check", "1"]);
    scratch
        .ends_with(0, &["ladder"])
        .stdout(contains("01 Tiny").and(contains("02 Tiny").not()))
        .stdout(contains("wrote .course/ladder.svg"));
    assert!(
        scratch
            .read(".course/ladder.svg")
            .contains("Threads: 01 Tiny, 1.")
    );
}

#[test]
fn the_book_s_figures_are_made_anew_by_one_command() {
    let scratch = Scratch::new();
    scratch
        .ends_with(0, &["ladder", "--solution", "--book"])
        .stdout(contains("wrote book/src/measured/02-next.md"));
    let page = scratch.read("book/src/measured/01-tiny.md");
    assert!(page.starts_with("| clients | threads |"), "{page}");
    assert!(
        page.contains("\n\n`just measure lesson-01 --solution` on Linux"),
        "{page}"
    );
    let chart = scratch.read("book/src/diagrams/ladder.svg");
    assert!(!chart.contains("<style>"), "{chart}");
}
