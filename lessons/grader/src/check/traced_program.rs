//! A program under strace: how many system calls it makes, which ones, and which ones fail.
//!
//! Invariant: a traced program is never timed, because tracing makes every call many times slower.

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
use crate::reach;
use crate::strace::{self, Parser};
use crate::verdict::stop::{Checked, Stop};

/// A program that has made no call for `REST` sleeps. One that has not rested once within
/// `PATIENCE` never does.
const REST: Duration = Duration::from_millis(30);
const PATIENCE: Duration = Duration::from_millis(500);
/// The same between two messages, for a program that is known to sleep.
const SHORT_REST: Duration = Duration::from_millis(4);
const SHORT_PATIENCE: Duration = Duration::from_millis(100);

/// The system calls of a program, while strace writes them down.
#[derive(Debug)]
pub struct Trace {
    /// The log of strace, read up to the end that it had at the last look.
    log: File,
    /// Calls seen in the log so far, by name and error; the error is empty where there was none.
    calls: BTreeMap<(String, String), u64>,
    /// The beginning of a line that is not complete yet; empty between two lines.
    begun: Vec<u8>,
    /// Keeps the calls that have begun and not returned.
    parser: Parser,
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
        // strace and the trace both have the file open: it needs no name any more.
        let _ = fs::remove_file(&log);
        traced
    }

    fn trace(
        &mut self,
        program: &Path,
        arguments: &[&str],
        log: &Path,
    ) -> Checked<(Program, Trace)> {
        strace::is_installed()?;
        let (Some(log_path), Some(program)) = (log.to_str(), program.to_str()) else {
            return Err(Stop::Skipped(
                "strace takes only paths that are text".into(),
            ));
        };
        let options = strace::options(log_path, 0);
        let mut words: Vec<&str> = options.iter().map(String::as_str).collect();
        // With `-D` strace is the grandchild, and the program stays this process's own child.
        words.insert(0, "-D");
        words.push(program);
        words.extend(arguments);
        strace::make_log(log)?;
        let started = self.spawn(Path::new("strace"), &words)?;
        // The first line of the log is the program's `execve`: it comes before anything that the
        // program does.
        let begins = || log.metadata().is_ok_and(|log| log.len() > 0).then_some(());
        if started.owes(begins).is_none() {
            let [_, errors] = started.last_lines();
            return Err(strace::does_not_trace(&errors, log));
        }
        let opened = File::open(log).map_err(|error| strace::no_log(log, &error))?;
        let trace = Trace {
            log: opened,
            calls: BTreeMap::new(),
            begun: Vec::new(),
            parser: Parser::default(),
        };
        Ok((started, trace))
    }
}

impl Trace {
    /// Does `one` thing up to `times` times, for no longer than `at_most`, and returns how many
    /// system calls the program makes for each, on average. A program that sleeps in between gets
    /// the time to fall asleep after each, so that every call is counted with the thing that it
    /// belongs to.
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

    /// Waits until the program has made no call for as long as `rest`; false when it has not within
    /// `patience`.
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

    /// Waits until strace has written down the last call of a program that has ended: from then on
    /// the log is complete.
    ///
    /// # Errors
    /// Could not judge, when strace does not write that call.
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

    /// Reads the rest of the log, then adds up the calls that `which` chooses by name and error.
    fn sum(&mut self, which: impl Fn(&str, &str) -> bool) -> io::Result<u64> {
        let mut buffer = vec![0; 64 * 1024];
        while let n @ 1.. = self.log.read(&mut buffer)? {
            self.read(&buffer[..n]);
        }
        let counted = self.calls.iter();
        let chosen = counted.filter(|((name, error), _)| which(name, error));
        Ok(chosen.map(|(_, times)| times).sum())
    }

    /// Counts the calls that these bytes of the log complete.
    fn read(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&self.begun);
                if let Some(call) = self.parser.line(line.trim_end()) {
                    let key = (call.name.clone(), call.error().to_owned());
                    *self.calls.entry(key).or_default() += 1;
                }
                self.begun.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_comes_in_pieces_counts_when_it_is_complete() {
        let mut trace = Trace {
            log: File::open("/dev/null").expect("it is there"),
            calls: BTreeMap::new(),
            begun: Vec::new(),
            parser: Parser::default(),
        };
        trace.read(b"1  poll([...], 3, -1) = 1\n1  read(4, \"\"..., 64)");
        assert_eq!(trace.calls().expect("/dev/null is empty"), 1);
        trace.read(b" = 64\n1  poll([");
        assert_eq!(trace.calls().expect("/dev/null is empty"), 2);
        assert_eq!(trace.times(&["read"]).expect("/dev/null is empty"), 1);
    }
}
