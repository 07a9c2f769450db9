//! A machine that allows little: no check is red or breaks because something is missing, and each
//! says what to type.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use grader::{Report, Verdict, check, echo};

/// The report of the check `test`, run in a process of its own after `setup`, a line of shell.
fn after(setup: &str, test: &str) -> Report {
    let verdict = verdict_of(test, setup);
    let _ = fs::remove_file(&verdict);
    let status = Command::new("bash")
        .args(["-c", &format!("{setup}; exec \"$@\""), "bash"])
        .arg(env::current_exe().expect("this binary"))
        .args(["--exact", test, "--ignored", "--test-threads=1"])
        .env("COURSE_VERDICT", &verdict)
        .env_remove("CI")
        .output()
        .expect("bash");
    let written = fs::read_to_string(&verdict);
    let _ = fs::remove_file(&verdict);
    let written =
        written.unwrap_or_else(|error| panic!("{setup}: no verdict ({error}): {status:?}"));
    serde_json::from_str(&written).expect("a report")
}

fn verdict_of(test: &str, setup: &str) -> PathBuf {
    let setup: String = setup.chars().filter(char::is_ascii_alphanumeric).collect();
    env::temp_dir().join(format!("limits-{test}-{setup}-{}.json", std::process::id()))
}

/// Asserts that a report is *could not judge*, for a reason that says all of `words`.
fn could_not_judge(report: &Report, words: &[&str]) {
    let Verdict::CouldNotJudge { reason } = &report.verdict else {
        panic!("{report:?}");
    };
    for words in words {
        assert!(reason.contains(words), "{reason}");
    }
    assert!(!reason.contains("change the program"), "{reason}");
}

#[test]
#[ignore = "run by the tests below, in a process with limits of its own"]
fn many_come_and_go() {
    check(|c| {
        let server = c.start_with(cargo_bin!("zoo"), &["invalid-utf8"])?;
        echo::forgets_clients_that_left(&server, 200)
    });
}

#[test]
#[ignore = "run by the tests below, in a process with limits of its own"]
fn steps_are_counted() {
    check(|c| c.isolated_traced(|steps| steps.count(|| Ok(()))).map(drop));
}

#[test]
fn with_few_open_files_fewer_clients_come_and_that_is_said() {
    let report = after("ulimit -n 256", "many_come_and_go");
    assert_eq!(report.verdict, Verdict::Green, "{report:?}");
    let notes = report.notes.concat();
    assert!(notes.contains("256 open files are allowed"), "{notes}");
}

#[test]
fn with_too_few_open_files_for_a_wave_it_could_not_judge() {
    for files in ["64", "16"] {
        let report = after(&format!("ulimit -n {files}"), "many_come_and_go");
        could_not_judge(
            &report,
            &[
                &format!("`ulimit -n` is {files} here"),
                "Type `ulimit -n 1024`",
            ],
        );
    }
}

#[test]
fn a_program_that_gets_no_thread_because_of_a_limit_is_not_red() {
    let report = after("ulimit -v 700000", "many_come_and_go");
    could_not_judge(
        &report,
        &["`ulimit -v` is 700000 here", "Type `ulimit -v unlimited`"],
    );
}

#[test]
fn where_few_processes_are_allowed_it_could_not_judge() {
    if rustix::process::getuid().is_root() {
        eprintln!("skipped: the kernel holds the superuser to no number of processes");
        return;
    }
    // The limit counts all processes that the user runs already, among them this test.
    let report = after("ulimit -u 6", "many_come_and_go");
    could_not_judge(&report, &["`ulimit -u` is 6 here", "of which"]);
}

#[test]
fn what_no_check_can_do_without_is_looked_at_before_it_begins() {
    let report = after("ulimit -v 400000", "many_come_and_go");
    could_not_judge(&report, &["at least 524288 are needed"]);
    let report = after("ulimit -t 5", "many_come_and_go");
    could_not_judge(&report, &["`ulimit -t` is 5 here"]);
}

#[test]
fn strace_that_has_no_place_to_write_to_could_not_judge() {
    let report = after("export TMPDIR=/nowhere", "steps_are_counted");
    could_not_judge(&report, &["/nowhere", "export TMPDIR=/tmp"]);
}

#[test]
fn strace_that_may_not_trace_is_quoted() {
    let folder = env::temp_dir().join(format!("limits-strace-{}", std::process::id()));
    let setup = format!(
        "mkdir -p {0}; printf '#!/bin/sh\\necho strace: not permitted >&2\\nexit 1\\n' >{0}/strace; chmod +x {0}/strace; export PATH={0}:$PATH",
        folder.display()
    );
    let report = after(&setup, "steps_are_counted");
    let _ = fs::remove_dir_all(folder);
    let Verdict::Skipped { reason } = &report.verdict else {
        panic!("{report:?}");
    };
    assert!(reason.contains("(`strace: not permitted`)"), "{reason}");
}

#[test]
fn a_verdict_that_cannot_be_written_is_said_without_a_panic() {
    let ended = Command::new(env::current_exe().expect("this binary"))
        .args([
            "--exact",
            "many_come_and_go",
            "--ignored",
            "--test-threads=1",
            "--nocapture",
        ])
        .env("COURSE_VERDICT", "/nowhere/verdict.json")
        .output()
        .expect("this binary runs again");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(
        told.contains("the verdict cannot be written to /nowhere/verdict.json"),
        "{told}"
    );
    assert!(!told.contains("panicked"), "{told}");
    assert_eq!(ended.status.code(), Some(3));
}
