//! A program under strace: how many system calls it makes.
//!
//! The program is started by strace, which then steps aside (`-D`): it stays our own child, and no right to trace
//! foreign processes is needed. Being traced makes every call many times slower; what is counted here is never timed.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::check::Check;
use crate::program::Program;
use crate::stop::{Checked, Stop};

/// A program that has made no call for so long sleeps, and one that does not come to that never does.
const REST: Duration = Duration::from_millis(30);
const PATIENCE: Duration = Duration::from_millis(500);
/// The same for one that is known to sleep, between two messages.
const SHORT_REST: Duration = Duration::from_millis(4);
const SHORT_PATIENCE: Duration = Duration::from_millis(100);

/// The system calls of a program, while strace writes them down.
#[derive(Debug)]
pub struct Trace {
    log: File,
    /// Calls seen in the log so far.
    calls: u64,
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
        if !is_installed() {
            return Err(Stop::Skipped(
                "strace is not installed (apt install strace)".into(),
            ));
        }
        let (Some(log_path), Some(program)) = (log.to_str(), program.to_str()) else {
            return Err(Stop::Skipped(
                "strace takes only paths that are text".into(),
            ));
        };
        let mut words = vec!["-D", "-f", "-qq", "-s", "0", "-e", "signal=none", "-o"];
        words.extend([log_path, "--", program]);
        words.extend(arguments);
        let started = self.start_with(Path::new("strace"), &words);
        let is_empty = log.metadata().map_or(true, |log| log.len() == 0);
        if is_empty {
            return Err(Stop::Skipped("strace may not trace programs here".into()));
        }
        let trace = Trace {
            log: File::open(log)?,
            calls: 0,
            begun: Vec::new(),
        };
        Ok((started?, trace))
    }
}

impl Trace {
    /// Does `one` thing up to `times` times, for `at_most` so long, and returns how many system calls the program makes for
    /// each, in the mean. A program that sleeps between is let fall asleep: then not one is missed, and none is
    /// counted that belongs to something else.
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

    /// The calls that have ended so far.
    fn calls(&mut self) -> io::Result<u64> {
        let mut buffer = vec![0; 64 * 1024];
        while let n @ 1.. = self.log.read(&mut buffer)? {
            self.read(&buffer[..n]);
        }
        Ok(self.calls)
    }

    fn read(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.calls += u64::from(ends_a_call(&String::from_utf8_lossy(&self.begun)));
                self.begun.clear();
            }
        }
    }
}

/// Whether a line of strace's tells that a call has returned: with several threads, one call may take two lines.
fn ends_a_call(line: &str) -> bool {
    line.contains(" = ") && !line.trim_end().ends_with("<unfinished ...>")
}

fn is_installed() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("strace").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_once_when_it_returns() {
        let lines = [
            ("8012  epoll_wait(3, [...], 1024, -1)    = 1", true),
            ("8012  recvfrom(5, \"\"..., 16384, 0, NULL, NULL) = 3", true),
            (
                "8012  recvfrom(5, 0x7ffd, 16384, 0, NULL, NULL) = -1 EAGAIN (Resource …)",
                true,
            ),
            ("8013  recvfrom(6,  <unfinished ...>", false),
            (
                "8013  <... recvfrom resumed>\"\"..., 64, 0, NULL, NULL) = 64",
                true,
            ),
            ("8013  +++ exited with 0 +++", false),
        ];
        for (line, ends) in lines {
            assert_eq!(ends_a_call(line), ends, "{line}");
        }
    }

    #[test]
    fn a_line_that_comes_in_pieces_counts_when_it_is_complete() {
        let mut trace = Trace {
            log: File::open("/dev/null").expect("it is there"),
            calls: 0,
            begun: Vec::new(),
        };
        trace.read(b"1  poll([...], 3, -1) = 1\n1  read(4, \"\"..., 64)");
        assert_eq!(trace.calls, 1);
        trace.read(b" = 64\n1  poll([");
        assert_eq!(trace.calls, 2);
    }
}
