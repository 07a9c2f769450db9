//! The program: its lines, and what it prints for them.

use assert_cmd::Command;

#[test]
fn timers_are_printed_when_they_are_due() {
    let script = "insert tea 300\ninsert egg 240\ninsert bread 9000\nadvance 239\nadvance 299\n\
                  cancel bread\ncancel bread\ninsert tea 301\nadvance 300\ninsert late 5\n\
                  advance 1099511627776\n";
    Command::new(assert_cmd::cargo::cargo_bin!())
        .write_stdin(script)
        .assert()
        .success()
        .stdout("fired egg 240\nfired late 5\nfired tea 301\n");
}

#[test]
fn a_line_that_is_none_is_refused() {
    for line in ["insert tea soon\n", "snooze tea\n"] {
        Command::new(assert_cmd::cargo::cargo_bin!())
            .write_stdin(line)
            .assert()
            .failure();
    }
}
