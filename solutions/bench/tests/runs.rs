//! The bench runs and its figures add up. How fast anything is, no test says.

use std::fs;
use std::process::Command;

use serde_json::Value;

#[test]
fn it_runs_and_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("figures.json");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--quick", "--rounds", "3", "--json"])
        .arg(&json)
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{table}");
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let rows = |half: &str| report[half].as_array().unwrap().clone();
    // Six pieces of work on three runtimes, and seven servers with two numbers of connections.
    assert_eq!([rows("micro").len(), rows("echo").len()], [6 * 3, 7 * 2]);
    for row in rows("micro") {
        assert_eq!(row["times"], 3 * 1000, "{row}");
    }
    for row in rows("echo") {
        assert_eq!(row["messages"], 3 * 500, "{row}");
        let calls = row["calls_a_message"].as_f64();
        assert!(calls.is_none_or(|calls| calls > 1.5), "{row}");
    }
    for row in [rows("micro"), rows("echo")].concat() {
        let spread = |of: &str| ["low", "median", "high"].map(|at| row[of][at].as_f64().unwrap());
        assert!(
            spread("nanos").is_sorted() && spread("nanos")[0] > 0.0,
            "{row}"
        );
        let name = row["server"].as_str().or(row["runtime"].as_str()).unwrap();
        assert!(table.contains(name));
        if name == "tokio" {
            assert_eq!(spread("to_tokio"), [1.0; 3]);
        }
    }
}

#[test]
fn an_argument_that_is_none_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .arg("--fast")
        .output()
        .unwrap();
    assert!(!output.status.success());
}
