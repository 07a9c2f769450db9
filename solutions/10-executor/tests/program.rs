//! The program: its script, and the order of turns that it prints.

use assert_cmd::Command;

fn prints(script: &str, expected: &[&str]) {
    Command::new(assert_cmd::cargo::cargo_bin!())
        .write_stdin(script)
        .assert()
        .success()
        .stdout(expected.join("\n") + "\n");
}

#[test]
fn turns_are_printed_in_the_order_of_wakes() {
    let script = "spawn a yield yield\nspawn b wait\nspawn c b yield\nrun 2\nwake b\n";
    let turns = ["bell", "a", "b", "bell", "c", "a", "b", "c", "a"];
    let ends = ["a: done", "b: done", "c: done"];
    prints(script, &[&turns[..], &ends[..]].concat());
}

#[test]
fn what_became_of_each_task_is_told() {
    let script = "spawn a panic\nspawn b wait\nspawn c wait\nrun\nabort b\n";
    let turns = ["bell", "a", "b", "c", "bell"];
    let ends = ["a: panicked", "b: aborted", "c: aborted"];
    prints(script, &[&turns[..], &ends[..]].concat());
}

#[test]
fn a_line_that_is_none_is_refused() {
    Command::new(assert_cmd::cargo::cargo_bin!())
        .write_stdin("sing a\n")
        .assert()
        .failure();
}
