//! A program under strace: how many system calls it makes, which ones, and what the kernel refuses.
//!
//! The program is started by strace, which then steps aside (`-D`): it stays our own child, and no right to trace
//! foreign processes is needed. Being traced makes every call many times slower; what is counted here is never timed.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::check::Check;
use crate::program::Program;
use crate::stop::{Checked, Stop};
use crate::{machine_limits, reach};

/// A program that has made no call for this long sleeps, and one that does not get that far never does.
const REST: Duration = Duration::from_millis(30);
const PATIENCE: Duration = Duration::from_millis(500);
/// The same for one that is known to sleep, between two messages.
const SHORT_REST: Duration = Duration::from_millis(4);
const SHORT_PATIENCE: Duration = Duration::from_millis(100);

/// The system calls of a program, while strace writes them down.
#[derive(Debug)]
pub struct Trace {
    log: File,
    /// Calls seen in the log so far, by name and error; the error is empty where there was none.
    calls: BTreeMap<(String, String), u64>,
    /// The beginning of a line that is not complete yet.
    begun: Vec<u8>,
}

impl Check {
    /// Starts a server under strace, which writes to `log`, and waits until it listens.
    ///
    /// # Errors
    /// Skipped, when strace is missing or may not trace here; otherwise as [`Check::start_with`].
    pub fn start_traced(
        &mut self,
        program: &Path,
        arguments: &[&str],
        log: &Path,
    ) -> Checked<(Program, Trace)> {
        let (program, trace) = self.trace(program, arguments, log)?;
        program.wait_for_address()?;
        Ok((program, trace))
    }

    /// Starts a program under strace, and waits for nothing.
    ///
    /// # Errors
    /// Skipped, when strace is missing or may not trace here; otherwise as [`Check::spawn`].
    pub fn spawn_traced(
        &mut self,
        program: &Path,
        arguments: &[&str],
    ) -> Checked<(Program, Trace)> {
        static LOGS: AtomicUsize = AtomicUsize::new(0);
        let number = LOGS.fetch_add(1, Ordering::SeqCst);
        let name = format!("grader-{}-{number}.strace", process::id());
        let log = env::temp_dir().join(name);
        let traced = self.trace(program, arguments, &log);
        // strace and the trace both have it open: it needs no name any more.
        let _ = fs::remove_file(&log);
        traced
    }

    fn trace(
        &mut self,
        program: &Path,
        arguments: &[&str],
        log: &Path,
    ) -> Checked<(Program, Trace)> {
        is_installed()?;
        let (Some(log_path), Some(program)) = (log.to_str(), program.to_str()) else {
            return Err(Stop::Skipped(
                "strace takes only paths that are text".into(),
            ));
        };
        let mut words = vec!["-D", "-f", "-qq", "-s", "0", "-e", "signal=none", "-o"];
        words.extend([log_path, "--", program]);
        words.extend(arguments);
        make_log(log)?;
        let started = self.spawn(Path::new("strace"), &words)?;
        // The first line is the program's own beginning, and comes before anything that it does.
        let begins = || log.metadata().is_ok_and(|log| log.len() > 0).then_some(());
        if started.owes(begins).is_none() {
            return Err(does_not_trace(&started, log));
        }
        let opened = File::open(log).map_err(|error| no_log(log, &error))?;
        let trace = Trace {
            log: opened,
            calls: BTreeMap::new(),
            begun: Vec::new(),
        };
        Ok((started, trace))
    }
}

impl Trace {
    /// Does `one` thing up to `times` times, for no longer than `at_most`, and returns how many system calls the
    /// program makes for each, on average. A program that sleeps between is allowed to fall asleep: then not one is
    /// missed, and none is counted that belongs to something else.
    ///
    /// # Errors
    /// As `one`; could not judge, when the log cannot be read.
    pub fn calls_for_each(
        &mut self,
        times: usize,
        at_most: Duration,
        mut one: impl FnMut() -> Checked,
    ) -> Checked<f64> {
        let sleeps = self.comes_to_rest(PATIENCE, REST)?;
        let (begun, before) = (Instant::now(), self.calls()?);
        let mut done = 0;
        while done == 0 || (done < times && begun.elapsed() < at_most) {
            one()?;
            done += 1;
            if sleeps {
                self.comes_to_rest(SHORT_PATIENCE, SHORT_REST)?;
            }
        }
        Ok((self.calls()? - before) as f64 / done as f64)
    }

    /// Waits until the program has made no call for as long as `rest`.
    fn comes_to_rest(&mut self, patience: Duration, rest: Duration) -> io::Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            let calls = self.calls()?;
            thread::sleep(rest);
            if self.calls()? == calls {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits until strace has written down how a program that has ended came to its end: from then on nothing is
    /// missing.
    ///
    /// # Errors
    /// Could not judge, when it does not.
    pub fn is_complete(&mut self) -> Checked {
        reach("the program's last call in the log of strace", || {
            self.times(&["exit_group"]).is_ok_and(|times| times > 0)
        })
    }

    /// How often calls of these names have ended so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn times(&mut self, names: &[&str]) -> io::Result<u64> {
        self.sum(|name, _error| names.contains(&name))
    }

    /// How often calls of these names have ended so far with an error, `EAGAIN` for example.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn refusals(&mut self, names: &[&str], error: &str) -> io::Result<u64> {
        self.sum(|name, with| names.contains(&name) && with == error)
    }

    /// All calls that have ended so far.
    fn calls(&mut self) -> io::Result<u64> {
        self.sum(|_name, _error| true)
    }

    fn sum(&mut self, which: impl Fn(&str, &str) -> bool) -> io::Result<u64> {
        let mut buffer = vec![0; 64 * 1024];
        while let n @ 1.. = self.log.read(&mut buffer)? {
            self.read(&buffer[..n]);
        }
        let counted = self.calls.iter();
        let chosen = counted.filter(|((name, error), _)| which(name, error));
        Ok(chosen.map(|(_, times)| times).sum())
    }

    fn read(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                if let Some((name, error)) = ended(&String::from_utf8_lossy(&self.begun)) {
                    let key = (name.to_owned(), error.to_owned());
                    *self.calls.entry(key).or_default() += 1;
                }
                self.begun.clear();
            }
        }
    }
}

/// The call that a line of strace's tells the return of, and its error, empty if it has none: with several threads one
/// call may take two lines.
fn ended(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end();
    if line.ends_with("<unfinished ...>") {
        return None;
    }
    // What is written or read may contain anything; strace is told to show none of it.
    let (call, answer) = line.rsplit_once(" = ")?;
    let call = call.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let name = match call.strip_prefix("<... ") {
        Some(resumed) => resumed.split(' ').next()?,
        None => call.split('(').next()?,
    };
    let error = answer.strip_prefix("-1 ").unwrap_or_default();
    Some((name, error.split(' ').next()?))
}

/// Makes the file that strace is to write to: where that fails, it is this machine that strace would complain of.
///
/// # Errors
/// Could not judge, when the file cannot be made, or nothing can be written to it.
pub(crate) fn make_log(log: &Path) -> Checked {
    // As much as a short trace takes: a full disk lets a file be made and nothing be written to it.
    let written = fs::write(log, [0; 64 * 1024]).and_then(|()| File::create(log));
    written.map(drop).map_err(|error| {
        let _ = fs::remove_file(log);
        no_log(log, &error)
    })
}

fn no_log(log: &Path, error: &io::Error) -> Stop {
    let folder = log.parent().unwrap_or(log).display();
    let what = format!("what strace sees cannot be written down in {folder}");
    let told = machine_limits::refused(&what, error);
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

/// What is said where strace has been started and has written down nothing.
pub(crate) fn does_not_trace(started: &Program, log: &Path) -> Stop {
    if let Err(full) = make_log(log) {
        return full;
    }
    let [_, errors] = started.last_lines();
    let its_word = errors.iter().find(|line| line.starts_with("strace:"));
    let says = its_word.map_or(String::new(), |line| format!(" (`{line}`)"));
    Stop::Skipped(format!(
        "strace may not trace programs here{says}: a container allows it by `--cap-add=SYS_PTRACE`, a machine by \
         `sysctl kernel.yama.ptrace_scope=1`, which lets a program be traced that asks for it, as strace does"
    ))
}

/// Whether there is an strace to start.
///
/// # Errors
/// Skipped, when there is none.
pub(crate) fn is_installed() -> Checked {
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
        for (line, call) in lines {
            assert_eq!(ended(line), call, "{line}");
        }
    }

    #[test]
    fn a_line_that_comes_in_pieces_counts_when_it_is_complete() {
        let mut trace = Trace {
            log: File::open("/dev/null").expect("it is there"),
            calls: BTreeMap::new(),
            begun: Vec::new(),
        };
        trace.read(b"1  poll([...], 3, -1) = 1\n1  read(4, \"\"..., 64)");
        assert_eq!(trace.calls().expect("/dev/null is empty"), 1);
        trace.read(b" = 64\n1  poll([");
        assert_eq!(trace.calls().expect("/dev/null is empty"), 2);
        assert_eq!(trace.times(&["read"]).expect("/dev/null is empty"), 1);
    }
}
