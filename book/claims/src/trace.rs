//! The system calls of a piece of program, in order, as strace writes them down.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::{self, Command, Stdio};

use grader::strace::{self, SystemCall};
use grader::{Checked, Stop, Verdict};

use tempfile::NamedTempFile;

use crate::Claim;
use crate::others::wait_for;

/// In the environment of the process whose calls are written down: the file for its verdict.
const TRACED: &str = "CLAIMS_TRACED";
/// How a mark begins.
const MARK: &str = "mark: ";

/// The calls of a program, in the order in which they returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace(pub Vec<SystemCall>);

impl Claim {
    /// Runs `program` in a process of its own, under strace, and returns its calls.
    ///
    /// That process is this test again, from its beginning up to here: a claim that traces does so
    /// first, and judges what comes out.
    ///
    /// # Errors
    /// The program's own verdict, red for one that panics; skipped, where there is no strace or it
    /// may not trace; could not judge, when the program ends without a verdict.
    pub fn trace(&self, program: impl FnOnce() -> Checked) -> Checked<Trace> {
        if let Some(file) = env::var_os(TRACED) {
            let verdict = Verdict::from(self.tried(|_| program()));
            let json = serde_json::to_vec(&verdict).expect("plain data");
            process::exit(i32::from(fs::write(file, json).is_err()));
        }
        strace::is_installed()?;
        let (log, said) = (NamedTempFile::new()?, NamedTempFile::new()?);
        let mut strace = Command::new("strace");
        strace
            .args(strace::options(&log.path().display().to_string(), 64))
            .arg(env::current_exe()?)
            .args(["--exact", self.test, "--nocapture", "--test-threads=1"])
            .env(TRACED, said.path())
            .stdin(Stdio::null());
        let out = wait_for(|| strace.output())?;
        let text = String::from_utf8_lossy(&fs::read(log.path())?).into_owned();
        if text.is_empty() {
            return Err(Stop::Skipped("strace may not trace programs here".into()));
        }
        let Ok(verdict) = serde_json::from_slice::<Verdict>(&fs::read(said.path())?) else {
            let said = String::from_utf8_lossy(&out.stderr);
            let last = said.lines().last().unwrap_or_default();
            let words = format!("the traced program ended with {}: {last}", out.status);
            return Err(Stop::CouldNotJudge(words));
        };
        Checked::from(verdict)?;
        Ok(Trace(strace::calls(&text)))
    }
}

/// Leaves a mark between the calls of a traced program.
///
/// # Panics
/// When standard error is closed.
pub fn mark(words: &str) {
    // In one call: a formatted write would be several.
    let line = format!("{MARK}{words}\n");
    io::stderr()
        .write_all(line.as_bytes())
        .expect("standard error is open");
}

impl Trace {
    /// The calls between two marks.
    ///
    /// # Panics
    /// When the program did not leave them.
    #[must_use]
    pub fn between(&self, first: &str, last: &str) -> Self {
        Self(self.0[self.place(first) + 1..self.place(last)].to_vec())
    }

    /// Where a mark stands.
    fn place(&self, words: &str) -> usize {
        let text = format!("\"{MARK}{words}\\n\"");
        let marks = |call: &SystemCall| call.name == "write" && call.arguments.contains(&text);
        let place = self.0.iter().position(marks);
        place.unwrap_or_else(|| panic!("the trace has no mark `{words}`"))
    }

    /// The thread that left a mark.
    ///
    /// # Panics
    /// When the program did not leave it.
    #[must_use]
    pub fn thread_of(&self, words: &str) -> u32 {
        self.0[self.place(words)].thread
    }

    /// The calls of one name, or of another name for the same: `epoll_wait` is also `epoll_pwait`.
    #[must_use]
    pub fn of(&self, name: &str) -> Vec<&SystemCall> {
        self.0.iter().filter(|call| call.is(name)).collect()
    }

    /// What thread `thread` called.
    #[must_use]
    pub fn by(&self, thread: u32) -> Self {
        let calls = self.0.iter().filter(|call| call.thread == thread);
        Self(calls.cloned().collect())
    }

    /// The names of the calls, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|call| call.name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_in_two_lines_is_one_call() {
        let text = "\
7 write(2, \"mark: begin\\n\", 12) = 12
7 epoll_wait(3,  <unfinished ...>
8 futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 1
7 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=1, u64=1}}], 1024, -1) = 1
7 recvfrom(5, 0x7ffd, 16, 0, NULL, NULL)  = -1 EAGAIN (Resource temporarily unavailable)
7 write(2, \"mark: end\\n\", 10) = 10
7 +++ exited with 0 +++
";
        let trace = Trace(strace::calls(text)).between("begin", "end");
        assert_eq!(trace.names(), ["futex", "epoll_wait", "recvfrom"]);
        let wait = trace.of("epoll_wait")[0];
        assert_eq!((wait.argument(0), wait.time_out()), ("3", Some(-1)));
        assert!(trace.by(7).0[1].failed_with("EAGAIN"));
    }
}
