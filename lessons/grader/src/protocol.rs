//! What the processes of one check say to each other: by their environment, by the lines that they print, and by how a test
//! binary is called again.
//!
//! Invariant: a program under judgement finds none of these variables but [`TAG`] in its environment.

/// In the environment of a re-executed test binary: what it is to be.
pub(crate) const ROLE: &str = "GRADER_ROLE";
/// The role of the process that outlives the grader by a moment.
pub(crate) const WATCHDOG: &str = "watchdog";
/// In the environment of every program that a grader starts, and of all that those start.
pub(crate) const TAG: &str = "GRADER_PROGRAM";
/// In the environment of the process that goes through isolated steps: which steps of the check, counted from 1.
pub(crate) const ISOLATED: &str = "GRADER_ISOLATED";

/// Before each piece of the verdict of isolated steps.
pub(crate) const VERDICT: &str = "grader-verdict: ";
/// The line that ends the verdict.
pub(crate) const ENDS: &str = "grader-verdict-ends";
/// Before the words of a step.
pub(crate) const STEP: &str = "grader-step: ";
/// Before the words of a note.
pub(crate) const NOTE: &str = "grader-note: ";
/// Printed where the counting of system calls begins: a `write` that stands in the log of strace.
pub(crate) const COUNTS_FROM_HERE: &str = "grader-counts-from-here";
/// Printed where it ends.
pub(crate) const COUNTS_TO_HERE: &str = "grader-counts-to-here";

/// Whether a line of output is the kit's own, or libtest's.
pub(crate) fn is_ours(line: &str) -> bool {
    line.is_empty()
        || [
            VERDICT,
            STEP,
            NOTE,
            ENDS,
            COUNTS_FROM_HERE,
            COUNTS_TO_HERE,
            "running 1 test",
            "test ",
        ]
        .iter()
        .any(|ours| line.starts_with(ours))
}

/// The arguments that make a test binary run one test, in this process and aloud.
pub(crate) fn only(check: &str) -> [&str; 5] {
    [
        "--exact",
        check,
        "--include-ignored",
        "--nocapture",
        "--test-threads=1",
    ]
}
