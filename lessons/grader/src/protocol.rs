//! The words that the processes of one check exchange: in their environment, in the lines that they
//! print, and in the arguments of a test binary that is executed again.
//!
//! Invariant: of these variables a program under judgement finds only [`TAG`] in its environment.

/// In the environment of a test binary that is executed again: its role. The only value is
/// [`WATCHDOG`].
pub(crate) const ROLE: &str = "GRADER_ROLE";
/// The role of the process that outlives the grader by a moment, to end the programs that the
/// grader has left.
pub(crate) const WATCHDOG: &str = "watchdog";
/// In the environment of every program that the kit starts, and so of all that these start: the
/// program's tag.
pub(crate) const TAG: &str = "GRADER_PROGRAM";
/// In the environment of the process that goes through isolated steps: the number of these steps in
/// the check, counted from 1.
pub(crate) const ISOLATED: &str = "GRADER_ISOLATED";

/// Before each piece of the verdict of isolated steps.
pub(crate) const VERDICT: &str = "grader-verdict: ";
/// The line that ends the verdict.
pub(crate) const ENDS: &str = "grader-verdict-ends";
/// Before the words of a step.
pub(crate) const STEP: &str = "grader-step: ";
/// Before the words of a note.
pub(crate) const NOTE: &str = "grader-note: ";
/// Printed where the counting of system calls begins: strace logs the `write` of this line.
pub(crate) const COUNTS_FROM_HERE: &str = "grader-counts-from-here";
/// Printed where the counting ends.
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

/// The arguments that make a test binary run one test, with its output not captured.
pub(crate) fn only(check: &str) -> [&str; 5] {
    [
        "--exact",
        check,
        "--include-ignored",
        "--nocapture",
        "--test-threads=1",
    ]
}
