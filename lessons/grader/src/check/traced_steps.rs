//! Isolated steps under strace: which system calls the learner's functions make.
//!
//! Invariant: calls are counted from one mark in the log to the next, and only on the thread that
//! has made the marks. So no call of the kit and none of another thread is counted.

use std::env;
use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::check::Check;
use crate::isolated::Steps;
use crate::protocol::{COUNTS_FROM_HERE, COUNTS_TO_HERE, ENDS};
use crate::verdict::stop::{Checked, Stop};
use crate::{strace, wait};

/// Calls that allocating, locking and printing make now and then: the learner's code does not
/// decide on them.
const IN_PASSING: [&str; 8] = [
    "brk", "mmap", "munmap", "mremap", "madvise", "mprotect", "futex", "write",
];

impl Steps {
    /// Does `one` thing on this thread, counts its system calls, and returns its result.
    pub fn count<T>(&self, one: impl FnOnce() -> T) -> T {
        say(COUNTS_FROM_HERE);
        let done = one();
        say(COUNTS_TO_HERE);
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
    /// As [`Check::isolated`], under strace. Returns the names of the system calls that were made
    /// inside each [`Steps::count`], in order, without those for memory, for locks, and for
    /// printing. As with [`Check::start_isolated`], a process that goes through later isolated
    /// steps does not pass over these.
    ///
    /// # Errors
    /// As [`Check::isolated`]; skipped, when strace is missing or may not trace here; could not
    /// judge, when its log ends before the steps do.
    pub fn isolated_traced(
        &mut self,
        steps: impl FnOnce(&Steps) -> Checked,
    ) -> Checked<Vec<Vec<String>>> {
        let log = log_of_its_own();
        let traced = |steps_of: Command| {
            let mut strace = Command::new("strace");
            // With `-D` strace is the grandchild, and the process that goes through the steps stays
            // this process's own child.
            strace
                .arg("-D")
                .args(strace::options(&log.display().to_string(), 64));
            strace.arg(steps_of.get_program());
            strace.args(steps_of.get_args());
            for (name, value) in steps_of.get_envs() {
                strace.env(name, value.unwrap_or_default());
            }
            strace
        };
        let program = self.start_isolated_by(steps, |steps_of| {
            strace::is_installed()?;
            strace::make_log(&log).map(|()| traced(steps_of))
        })?;
        let concluded = program.concludes();
        let written = || fs::read_to_string(&log).unwrap_or_default();
        // The steps may end before strace has written their last calls.
        let (deadline, _) = wait::deadline(wait::PATIENCE);
        let complete = match concluded {
            // strace writes its first line before the steps do anything: an empty log stays empty.
            Ok(()) => wait::until(deadline, || {
                Some(written()).filter(|log| log.is_empty() || log.contains(ENDS))
            }),
            Err(_) => Some(written()),
        };
        let told = match complete {
            Some(text) if text.is_empty() => {
                let [_, errors] = program.last_lines();
                Err(strace::does_not_trace(&errors, &log))
            }
            Some(text) => concluded.map(|()| counted(&text)),
            // A full disk explains an incomplete log.
            None => strace::make_log(&log).and(Err(Stop::CouldNotJudge(
                "strace did not write down the steps to their end: check again".into(),
            ))),
        };
        let _ = fs::remove_file(&log);
        told
    }
}

/// The file that strace writes to: this check's own, since other checks may run in the same
/// process.
fn log_of_its_own() -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::SeqCst);
    env::temp_dir().join(format!("grader-steps-{}-{number}.strace", process::id()))
}

/// The calls between each two marks, by name.
fn counted(log: &str) -> Vec<Vec<String>> {
    let mut counting: Option<u32> = None;
    let mut counts: Vec<Vec<String>> = Vec::new();
    for call in strace::calls(log) {
        let says = |mark: &str| call.name == "write" && call.arguments.contains(mark);
        if says(COUNTS_FROM_HERE) {
            counting = Some(call.thread);
            counts.push(Vec::new());
        } else if says(COUNTS_TO_HERE) {
            counting = None;
        } else if counting == Some(call.thread)
            && !IN_PASSING.contains(&call.name.as_str())
            && let Some(count) = counts.last_mut()
        {
            count.push(call.name);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_between_the_marks_are_told_by_name() {
        let log = format!(
            r#"7  epoll_create1(EPOLL_CLOEXEC) = 3
7  write(1, "\n{COUNTS_FROM_HERE}\n", 25) = 25
8  recvfrom(5, 0x7ffd, 64, 0, NULL, NULL) = -1 EAGAIN
7  epoll_wait(3,  <unfinished ...>
8  close(5) = 0
7  <... epoll_wait resumed>[], 1024, -1) = 0
7  brk(NULL) = 0x5
7  epoll_ctl(3, EPOLL_CTL_DEL, 4, NULL) = 0
7  write(1, "\n{COUNTS_TO_HERE}\n", 23) = 23
7  close(3) = 0
7  write(1, "\n{COUNTS_FROM_HERE}\n", 25) = 25
7  write(1, "\n{COUNTS_TO_HERE}\n", 23) = 23
"#
        );
        let nothing: Vec<String> = Vec::new();
        assert_eq!(
            counted(&log),
            [vec!["epoll_wait".into(), "epoll_ctl".into()], nothing]
        );
    }
}
