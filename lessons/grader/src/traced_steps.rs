//! Steps apart, under strace: which system calls the learner's functions make.
//!
//! Invariant: calls are counted from one mark in the log to the next, on the thread that has made the marks. So nothing
//! is counted that the kit does, and nothing of what other threads do.

use std::env;
use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::apart::{ENDS, Steps};
use crate::check::Check;
use crate::stop::{Checked, Stop};
use crate::{strace, wait};

/// Printed where the count begins, and where it ends: a `write` that stands in the log.
pub(crate) const BEGIN: &str = "grader-counts-from-here";
pub(crate) const END: &str = "grader-counts-to-here";

/// Calls that whoever allocates or prints makes now and then: they are nobody's decision.
const IN_PASSING: [&str; 8] = [
    "brk", "mmap", "munmap", "mremap", "madvise", "mprotect", "futex", "write",
];

impl Steps {
    /// Does `one` thing whose system calls are to be counted, on this thread. What it returns is returned.
    pub fn count<T>(&self, one: impl FnOnce() -> T) -> T {
        say(BEGIN);
        let done = one();
        say(END);
        done
    }
}

/// Prints a line at once, in a single `write`.
fn say(line: &str) {
    let mut out = stdout().lock();
    let _ = out.flush();
    let _ = out.write_all(format!("\n{line}\n").as_bytes());
}

impl Check {
    /// As [`Check::apart`], under strace. Returns the names of the system calls that were made inside each
    /// [`Steps::count`], in order, without those for memory, for locks, and for printing. As with [`Check::start_apart`],
    /// it is gone through again for each of the steps apart that come after it.
    ///
    /// # Errors
    /// As [`Check::apart`]; skipped, when strace is missing or may not trace here; could not judge, when it wrote
    /// nothing of what was to be counted.
    pub fn apart_traced(
        &mut self,
        steps: impl FnOnce(&Steps) -> Checked,
    ) -> Checked<Vec<Vec<String>>> {
        let log = nobody_elses_file();
        let traced = |steps_of: Command| {
            let mut strace = Command::new("strace");
            strace.args(["-D", "-f", "-qq", "-s", "64", "-e", "signal=none", "-o"]);
            strace.arg(&log).arg("--").arg(steps_of.get_program());
            strace.args(steps_of.get_args());
            for (name, value) in steps_of.get_envs() {
                strace.env(name, value.unwrap_or_default());
            }
            strace
        };
        let program = self.start_apart_by(steps, |steps_of| {
            strace::is_installed()?;
            strace::make_log(&log).map(|()| traced(steps_of))
        })?;
        let concluded = program.concludes();
        let written = || fs::read_to_string(&log).unwrap_or_default();
        // The last of it may be on its way when the steps have ended.
        let (deadline, _) = wait::deadline(wait::PATIENCE);
        let complete = match concluded {
            // Its first line comes before anything that the steps do: without one, none will come.
            Ok(()) => wait::until(deadline, || {
                Some(written()).filter(|log| log.is_empty() || log.contains(ENDS))
            }),
            Err(_) => Some(written()),
        };
        let told = match complete {
            Some(text) if text.is_empty() => Err(strace::does_not_trace(&program, &log)),
            Some(text) => concluded.map(|()| counted(&text)),
            // Where the disk is full, that is why.
            None => strace::make_log(&log).and(Err(Stop::CouldNotJudge(
                "strace did not write down the steps to their end: check again".into(),
            ))),
        };
        let _ = fs::remove_file(&log);
        told
    }
}

/// Where strace writes to: a file of this check's own, in a process where others may run beside it.
fn nobody_elses_file() -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::SeqCst);
    env::temp_dir().join(format!("grader-steps-{}-{number}.strace", process::id()))
}

/// The calls between each two marks, by name.
fn counted(log: &str) -> Vec<Vec<String>> {
    let mut counting: Option<&str> = None;
    let mut calls: Vec<Vec<String>> = Vec::new();
    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if call.starts_with("write(") && call.contains(BEGIN) {
            counting = Some(thread);
            calls.push(Vec::new());
        } else if call.starts_with("write(") && call.contains(END) {
            counting = None;
        } else if let (true, Some(calls)) = (counting == Some(thread), calls.last_mut()) {
            calls.extend(
                name(call)
                    .filter(|name| !IN_PASSING.contains(name))
                    .map(str::to_owned),
            );
        }
    }
    calls
}

/// The name in `name(arguments) = result`. A call that another thread's line has interrupted stands there twice; the second
/// time, as `<... name resumed>`, it has none.
fn name(call: &str) -> Option<&str> {
    let (name, _arguments) = call.split_once('(')?;
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (!name.is_empty() && is_name(name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_between_the_marks_are_told_by_name() {
        let log = format!(
            r#"7  epoll_create1(EPOLL_CLOEXEC) = 3
7  write(1, "\n{BEGIN}\n", 25) = 25
8  recvfrom(5, 0x7ffd, 64, 0, NULL, NULL) = -1 EAGAIN
7  epoll_wait(3,  <unfinished ...>
8  close(5) = 0
7  <... epoll_wait resumed>[], 1024, -1) = 0
7  brk(NULL) = 0x5
7  epoll_ctl(3, EPOLL_CTL_DEL, 4, NULL) = 0
7  write(1, "\n{END}\n", 23) = 23
7  close(3) = 0
7  write(1, "\n{BEGIN}\n", 25) = 25
7  write(1, "\n{END}\n", 23) = 23
"#
        );
        let nothing: Vec<String> = Vec::new();
        assert_eq!(
            counted(&log),
            [vec!["epoll_wait".into(), "epoll_ctl".into()], nothing]
        );
    }
}
