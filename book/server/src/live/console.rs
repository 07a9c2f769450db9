//! The terminal that the server was started in, and threads that outlive a panic of their work.

use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, bail};
use grader::panic_words;

/// Prints a line in the terminal that the server was started in. The terminal may be closed by now;
/// then the line is dropped.
pub(super) fn say(words: &str) {
    let _ = writeln!(stderr(), "{words}");
}

/// Runs `work`; turns a panic in it into an error, so that the thread goes on.
pub(super) fn whole<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| match panic_words(&*panic) {
        "" => bail!("the course itself has failed: a panic"),
        words => bail!("the course itself has failed: {words}"),
    })
}
