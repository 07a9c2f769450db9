//! The program: its lines, and what it prints for them.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use assert_cmd::cargo::cargo_bin;
use fastrand::Rng;
use grader::{Checked, Explain, Steps, check, violation, visible};

/// The program that you are given prints each timer when it is due, in the order of the deadlines,
/// and none that was cancelled.
///
/// # Hint
/// `main.rs` is given, and it asks your wheel for everything. Which line of the script is the first
/// whose answer is wrong?
///
/// # Hint
/// `printf 'insert tea 300\nadvance 300\n' | cargo run --package lesson-12` shows one timer at a
/// time.
#[test]
fn the_program_prints_what_is_due() {
    check(|c| {
        let seed = c.any_below(usize::MAX) as u64;
        c.isolated(|steps| prints(steps, seed)).explain(
            "the program prints `fired ID AT_MS` for each timer that is due, in the order of the deadlines",
            "`main.rs` tells your wheel what it reads, and prints what your wheel hands out. It has no memory of its own",
            "the first line that differs, and whether `main.rs` is as it was given",
        )
    });
}

fn prints(steps: &Steps, seed: u64) -> Checked {
    steps.now("the program, with eight lines on its standard input");
    let mut random = Rng::with_seed(seed);
    let base = random.u64(1_000..100_000);
    let [soon, near, far] = [base, base + 70, base + (1 << 37)];
    let script = format!(
        "insert tea {near}\ninsert egg {soon}\ninsert bread {far}\nadvance {}\ninsert milk {far}\ncancel milk\n\
         insert tea {}\nadvance {}\n",
        soon - 1,
        near + 1,
        far + 5
    );
    let expected = format!(
        "fired egg {soon}\nfired tea {}\nfired bread {far}\n",
        near + 1
    );
    let mut program = Command::new(cargo_bin!())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = program.stdin.take().expect("it is piped");
    let writes = {
        let script = script.clone();
        thread::spawn(move || input.write_all(script.as_bytes()))
    };
    let output = program.wait_with_output()?;
    let _ = writes.join();
    let printed = String::from_utf8_lossy(&output.stdout);
    if printed == expected && output.status.success() {
        return Ok(());
    }
    Err(violation(format!(
        "it was told {}, printed {} instead of {}, and ended with {}",
        visible(&script),
        visible(&printed),
        visible(&expected),
        output.status
    )))
}
