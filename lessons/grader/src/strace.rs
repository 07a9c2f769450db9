//! strace: how it is called, its log read as system calls, and the words for a machine where it
//! does not trace.
//!
//! Invariant: this is the only place that knows the options of strace and the form of its log.

use std::env;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::kernel::rlimit;
use crate::verdict::stop::{Checked, Stop};

/// One system call that has returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCall {
    /// The thread that made it.
    pub thread: u32,
    /// Its name, as strace writes it.
    pub name: String,
    /// Its arguments, as strace writes them.
    pub arguments: String,
    /// Its result: a number, and in words what the number means. An exit has the result `?`.
    pub result: String,
}

/// Reads the log of `strace -f` line by line. A call takes two lines when another thread makes a
/// call before it returns.
#[derive(Debug, Default)]
pub struct Parser {
    /// The thread and the first line of each call that has not returned yet: at most one for a
    /// thread.
    begun: Vec<(u32, String)>,
}

/// The options of strace, up to the program and its arguments: follow threads and children, show at
/// most `shown_bytes` of the data of a read or a write, leave out signals, write to `log`.
#[must_use]
pub fn options(log: &str, shown_bytes: usize) -> Vec<String> {
    let shown = shown_bytes.to_string();
    [
        "-f",
        "-qq",
        "-s",
        &shown,
        "-e",
        "signal=none",
        "-o",
        log,
        "--",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// All calls in `text`, in the order in which they returned.
#[must_use]
pub fn calls(text: &str) -> Vec<SystemCall> {
    let mut parser = Parser::default();
    text.lines().filter_map(|line| parser.line(line)).collect()
}

impl Parser {
    /// The call that returns in this line, if one does.
    pub fn line(&mut self, line: &str) -> Option<SystemCall> {
        let (thread, rest) = line.split_once(' ')?;
        let (thread, rest) = (thread.parse().ok()?, rest.trim_start());
        if let Some(first) = rest.strip_suffix(" <unfinished ...>") {
            self.begun.push((thread, first.to_owned()));
            return None;
        }
        let Some(resumed) = rest.strip_prefix("<... ") else {
            return SystemCall::parse(thread, rest);
        };
        let (name, second) = resumed.split_once(" resumed>")?;
        let begun = self.begun.iter().position(|(of, _)| *of == thread);
        // The first line of this call may be missing, when reading began after it.
        let first = begun.map_or_else(|| format!("{name}("), |index| self.begun.remove(index).1);
        SystemCall::parse(thread, &(first + second))
    }
}

impl SystemCall {
    /// Whether this is the call `name`, under any of its names.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let same = match name {
            "epoll_wait" => ["epoll_wait", "epoll_pwait", "epoll_pwait2"].as_slice(),
            "accept" => &["accept", "accept4"],
            _ => return self.name == name,
        };
        same.contains(&self.name.as_str())
    }

    /// The argument at `index`, counted from 0. Only for calls whose earlier arguments hold no
    /// comma.
    #[must_use]
    pub fn argument(&self, index: usize) -> &str {
        self.arguments
            .split(',')
            .nth(index)
            .unwrap_or_default()
            .trim()
    }

    /// The time-out of `epoll_wait` or `epoll_pwait`, in milliseconds; -1 for none. `None` for any
    /// other call.
    #[must_use]
    pub fn time_out(&self) -> Option<i64> {
        // `epoll_pwait` has two more arguments behind it.
        let behind = match self.name.as_str() {
            "epoll_wait" => 0,
            "epoll_pwait" => 2,
            _ => return None,
        };
        let time_out = self.arguments.rsplit(',').nth(behind)?;
        time_out.trim().parse().ok()
    }

    /// Whether it failed with this error, `EAGAIN` for example.
    #[must_use]
    pub fn failed_with(&self, errno: &str) -> bool {
        self.error() == errno
    }

    /// The error that it failed with, `EAGAIN`; empty if it did not.
    #[must_use]
    pub fn error(&self) -> &str {
        let failed = self.result.strip_prefix("-1 ").unwrap_or_default();
        failed.split(' ').next().unwrap_or_default()
    }

    /// `epoll_wait(3, [], 1024, 0) = 0`. The data of a write or a read may contain ` = ` too, so
    /// the last one counts.
    fn parse(thread: u32, line: &str) -> Option<Self> {
        let (call, result) = line.rsplit_once(" = ")?;
        let (name, arguments) = call.split_once('(')?;
        Some(Self {
            thread,
            name: name.to_owned(),
            arguments: arguments.trim_end().trim_end_matches(')').to_owned(),
            result: result.to_owned(),
        })
    }
}

impl fmt::Display for SystemCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}) = {}", self.name, self.arguments, self.result)
    }
}

/// Makes the log for strace. When that fails, strace would fail too, and the reason is this
/// machine.
///
/// # Errors
/// Could not judge, when the file cannot be made, or nothing can be written to it.
pub(crate) fn make_log(log: &Path) -> Checked {
    // Writes as much as a short trace: on a full disk a file can be made, and nothing can be
    // written to it.
    let written = fs::write(log, [0; 64 * 1024]).and_then(|()| File::create(log));
    written.map(drop).map_err(|error| {
        let _ = fs::remove_file(log);
        no_log(log, &error)
    })
}

/// Could not judge: the log cannot be written; says whether another folder would help.
pub(crate) fn no_log(log: &Path, error: &io::Error) -> Stop {
    let folder = log.parent().unwrap_or(log).display();
    let what = format!("what strace sees cannot be written down in {folder}");
    let told = rlimit::refused(&what, error);
    Stop::CouldNotJudge(if is_the_folders(error) {
        format!(
            "{told}. Choose a folder that is there and can be written to, `export TMPDIR=/tmp` for example, then check again"
        )
    } else {
        told
    })
}

/// Whether another folder would help.
fn is_the_folders(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(
        error.kind(),
        NotFound | NotADirectory | PermissionDenied | ReadOnlyFilesystem
    )
}

/// The words for an strace that was started and has written nothing to `log`; `errors` are the
/// lines of its standard error.
pub(crate) fn does_not_trace(errors: &[String], log: &Path) -> Stop {
    if let Err(full) = make_log(log) {
        return full;
    }
    let its_word = errors.iter().find(|line| line.starts_with("strace:"));
    let says = its_word.map_or(String::new(), |line| format!(" (`{line}`)"));
    Stop::Skipped(format!(
        "strace may not trace programs here{says}: a container allows it by `--cap-add=SYS_PTRACE`, a machine by \
         `sysctl kernel.yama.ptrace_scope=1`, which lets a program be traced that asks for it, as strace does"
    ))
}

/// Looks for strace in the folders of `PATH`.
///
/// # Errors
/// Skipped, when there is none.
pub fn is_installed() -> Checked {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = env::split_paths(&path).any(|folder| folder.join("strace").is_file());
    let missing = || {
        let words = "strace is not installed: it counts system calls. Type `sudo apt install strace`, or what your system \
                     has instead, then check again";
        Stop::Skipped(words.into())
    };
    is_there.then_some(()).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_once_when_it_returns() {
        let lines = [
            (
                "8012  epoll_wait(3, [...], 1024, -1)    = 1",
                Some(("epoll_wait", "")),
            ),
            (
                "8012  recvfrom(5, \"\"..., 16384, 0, NULL, NULL) = 3",
                Some(("recvfrom", "")),
            ),
            (
                "8012  recvfrom(5, 0x7ffd, 16384, 0, NULL, NULL) = -1 EAGAIN (Resource …)",
                Some(("recvfrom", "EAGAIN")),
            ),
            ("8013  recvfrom(6,  <unfinished ...>", None),
            (
                "8013  <... recvfrom resumed>\"\"..., 64, 0, NULL, NULL) = 64",
                Some(("recvfrom", "")),
            ),
            (
                "8013  <... recvfrom resumed>0x7ffd, 64, 0, NULL, NULL) = -1 EAGAIN (Resource …)",
                Some(("recvfrom", "EAGAIN")),
            ),
            (
                "8013  exit_group(0)                     = ?",
                Some(("exit_group", "")),
            ),
            ("8013  +++ exited with 0 +++", None),
        ];
        let mut parser = Parser::default();
        for (line, expected) in lines {
            let call = parser.line(line);
            let call = call.as_ref().map(|call| (call.name.as_str(), call.error()));
            assert_eq!(call, expected, "{line}");
        }
    }

    #[test]
    fn a_call_in_two_lines_is_one_call() {
        let text = "\
7 epoll_wait(3,  <unfinished ...>
8 futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 1
7 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=1, u64=1}}], 1024, -1) = 1
7 +++ exited with 0 +++
";
        let calls = calls(text);
        let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
        assert_eq!(names, ["futex", "epoll_wait"]);
        let arguments = "3, [{events=EPOLLIN, data={u32=1, u64=1}}], 1024, -1";
        assert_eq!(calls[1].arguments, arguments);
    }
}
