//! The entry point: every check is one call of [`check()`].
//!
//! Invariant: a check ends within 15 s, and no program that it started outlives it.

use std::any::type_name;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{self, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::isolated::Steps;
use crate::kernel::rlimit;
use crate::program::Program;
use crate::program::cleanup;
use crate::program::seed::Seed;
use crate::protocol::{ISOLATED, only};
use crate::verdict::stop::{Checked, Stop};
use crate::verdict::{Report, Verdict};
use crate::words::visible;
use crate::{machine_check, wait};

pub(crate) mod traced_program;
mod traced_steps;

/// After so long a check has no time left: each further wait is cut short, so that the check ends
/// within 15 s.
const LIMIT: Duration = Duration::from_secs(14);

/// The exit code of a process that cannot write its verdict to `$COURSE_VERDICT`.
const NO_VERDICT: i32 = 3;

/// A check while it runs: it starts programs and makes up the bytes that are sent to them.
#[derive(Debug)]
pub struct Check {
    /// The path of the test, as libtest's `--exact` wants it; empty in [`within`].
    name: String,
    /// The source of `random`; each program has a clone, to tell it with a failure.
    seed: Arc<Seed>,
    /// Makes the check's bytes and numbers, in the order in which the check asks for them.
    random: Rng,
    /// Every program started so far, ended or not; [`Check::end`] empties it.
    programs: Vec<Program>,
    /// How many of the check's isolated steps have been begun or passed over so far; they are
    /// counted from 1. Each `isolated…` method adds one.
    isolated_so_far: usize,
    /// Sentences that go with the verdict, green or red. [`Check::note`] adds one.
    notes: Vec<String>,
}

/// Runs one check, a test's whole body, and tells its verdict to libtest and, where
/// `$COURSE_VERDICT` names a file, in that file.
///
/// Skipped and could-not-judge are printed and pass, except where `CI` is set: there nothing may be
/// left out.
///
/// When that file cannot be written, the process says why on its standard error and ends with exit
/// code 3.
///
/// # Panics
/// When the check is red; when it is skipped or could not judge, and `CI` is set.
pub fn check<F: FnOnce(&mut Check) -> Checked>(body: F) {
    check_of(test_of::<F>(), body);
}

/// As [`check()`], for a crate that wraps this entry point in one of its own: `test` is the test's
/// path, as [`test_of`] finds it.
///
/// # Panics
/// As [`check()`].
pub fn check_of(test: &str, body: impl FnOnce(&mut Check) -> Checked) {
    let Some(report) = judge_of(test, body) else {
        return;
    };
    if let Some(path) = env::var_os("COURSE_VERDICT") {
        let json = serde_json::to_string(&report).expect("a report is plain data");
        if let Err(error) = fs::write(&path, json) {
            let what = format!("the verdict cannot be written to {}", path.display());
            eprintln!("could not judge: {}", rlimit::refused(&what, &error));
            process::exit(NO_VERDICT);
        }
    }
    for note in &report.notes {
        println!("{}: {}", report.check, visible(note));
    }
    let in_ci = env::var_os("CI").is_some();
    match &report.verdict {
        Verdict::Green => {}
        Verdict::Red { failure } => panic!("{} does not hold\n{failure}", report.check),
        Verdict::Skipped { reason } if in_ci => {
            panic!("{} was skipped in CI: {}", report.check, visible(reason))
        }
        Verdict::CouldNotJudge { reason } if in_ci => {
            panic!("{} could not judge: {}", report.check, visible(reason))
        }
        Verdict::Skipped { reason } => {
            println!("{} is skipped: {}", report.check, visible(reason));
        }
        Verdict::CouldNotJudge { reason } => {
            println!("{} could not judge: {}", report.check, visible(reason));
        }
    }
}

/// Runs one check and returns its report; `None` in the watchdog, which is the same test binary in
/// another role.
///
/// This must be the first thing that a test does: the watchdog runs the test up to this call.
pub fn judge<F: FnOnce(&mut Check) -> Checked>(body: F) -> Option<Report> {
    judge_of(test_of::<F>(), body)
}

fn judge_of(path: &str, body: impl FnOnce(&mut Check) -> Checked) -> Option<Report> {
    if cleanup::stood_watch() {
        return None;
    }
    let begun = Instant::now();
    let name = path.rsplit("::").next().unwrap_or(path).to_owned();
    let mut check = Check::begin(path, LIMIT);
    let concluded = allowed().and_then(|()| body(&mut check));
    let concluded = concluded.map_err(machine_check::with_the_machines_part);
    let noted = check.programs.iter().flat_map(Program::notes);
    let notes = check.notes.iter().cloned().chain(noted).collect();
    check.end();
    let millis = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    Some(Report {
        check: name,
        millis,
        notes,
        verdict: concluded.into(),
    })
}

/// Runs `body` with all that a check has, for at most `limit`, and returns its result: for tools
/// that look at programs and do not judge them. When this returns, every program that `body`
/// started has ended.
///
/// The process must have called [`crate::stood_watch`] before anything else.
///
/// # Errors
/// As `body`; red means that a program ended or failed before it could be looked at.
pub fn within<T>(limit: Duration, body: impl FnOnce(&mut Check) -> Checked<T>) -> Checked<T> {
    let mut check = Check::begin("", limit);
    let concluded = allowed().and_then(|()| body(&mut check));
    check.end();
    concluded
}

/// Looks whether this machine has what a check needs. A process that goes through isolated steps
/// does not look: the check that started it has looked already.
fn allowed() -> Checked {
    rlimit::raise();
    if env::var_os(ISOLATED).is_some() {
        return Ok(());
    }
    machine_check::look()
}

/// The path of the test that a closure of type `F` stands in, as libtest's `--exact` wants it:
/// without the crate.
#[must_use]
pub fn test_of<F>() -> &'static str {
    let path = type_name::<F>().trim_end_matches("::{{closure}}");
    path.split_once("::").map_or(path, |(_crate, path)| path)
}

impl Check {
    /// Begins a check on this thread; each wait that is not over after `limit` is cut short.
    fn begin(name: &str, limit: Duration) -> Self {
        wait::check_ends(Instant::now() + limit);
        let seed = Seed::of_this_run();
        Self {
            name: name.to_owned(),
            random: Rng::with_seed(seed.value()),
            seed: Arc::new(seed),
            programs: Vec::new(),
            isolated_so_far: 0,
            notes: Vec::new(),
        }
    }

    /// Ends every program that it has started.
    fn end(&mut self) {
        for program in self.programs.drain(..) {
            program.end();
        }
    }

    /// Starts a server and waits until it listens.
    ///
    /// # Errors
    /// Red, when it does not say where it listens, or does not listen there.
    pub fn start(&mut self, program: &Path) -> Checked<Program> {
        self.start_with(program, &[])
    }

    /// Starts a server with arguments and waits until it listens.
    ///
    /// # Errors
    /// As [`Check::start`].
    pub fn start_with(&mut self, program: &Path, arguments: &[&str]) -> Checked<Program> {
        let program = self.spawn(program, arguments)?;
        program.wait_for_address()?;
        Ok(program)
    }

    /// Starts a program and waits for nothing.
    ///
    /// # Errors
    /// Could not judge, when it cannot be started at all.
    pub fn spawn(&mut self, program: &Path, arguments: &[&str]) -> Checked<Program> {
        let mut command = Command::new(program);
        command.args(arguments).env_remove(ISOLATED);
        self.spawn_command(command)
    }

    /// Starts `command` as a program that ends with the check.
    fn spawn_command(&mut self, command: Command) -> Checked<Program> {
        let path = command.get_program().to_owned();
        let cleanup = cleanup::cleanup(&self.name)?;
        let program =
            Program::start(cleanup, command, Arc::clone(&self.seed)).map_err(|error| {
                let what = path.display().to_string();
                Stop::CouldNotJudge(rlimit::not_started(&what, &error))
            })?;
        self.programs.push(program.clone());
        Ok(program)
    }

    /// Goes through the steps of a contract in a process of their own; their verdict is the result.
    ///
    /// The learner's code runs in that process, called directly. It may panic, abort, spin, or
    /// sleep for ever: the check sees that from outside, as it does with every [`Program`], and
    /// says so in words.
    ///
    /// That process is this test binary once more: it runs the check from its beginning up to these
    /// steps. So a check must come to its isolated steps before it starts any program. Earlier
    /// isolated steps hold by then, and the process passes over them.
    ///
    /// # Errors
    /// The verdict of the steps; red when they do not come to their end.
    pub fn isolated(&mut self, steps: impl FnOnce(&Steps) -> Checked) -> Checked {
        if self.passes_over_next_steps() {
            return Ok(());
        }
        self.start_isolated(steps)?.concludes()
    }

    /// As [`Check::isolated`], for steps that compute all the while: they may take all the time
    /// that the check has, since a slow machine needs it.
    ///
    /// # Errors
    /// As [`Check::isolated`]; could not judge, when there is no time left.
    pub fn isolated_for_long(&mut self, steps: impl FnOnce(&Steps) -> Checked) -> Checked {
        if self.passes_over_next_steps() {
            return Ok(());
        }
        self.start_isolated(steps)?.concludes_within(LIMIT)
    }

    /// Whether this process goes through other isolated steps than the next ones. Then it passes
    /// over the next ones, and counts them.
    fn passes_over_next_steps(&mut self) -> bool {
        let next = (self.isolated_so_far + 1).to_string();
        let others = env::var(ISOLATED).is_ok_and(|wanted| wanted != next);
        self.isolated_so_far += usize::from(others);
        others
    }

    /// As [`Check::isolated`], but returns at once, so that the check can look at the process from
    /// outside while it runs; [`Program::concludes`] then waits for the verdict.
    ///
    /// A process that goes through later isolated steps of the same check does not pass over these:
    /// the check needs this [`Program`] on the way to the later ones, so it is started once more.
    ///
    /// # Errors
    /// Could not judge, when the process cannot be started.
    pub fn start_isolated(&mut self, steps: impl FnOnce(&Steps) -> Checked) -> Checked<Program> {
        self.start_isolated_by(steps, Ok)
    }

    /// As [`Check::start_isolated`], where `by` turns the command that goes through the steps into
    /// another one, for example into one under strace.
    pub(crate) fn start_isolated_by(
        &mut self,
        steps: impl FnOnce(&Steps) -> Checked,
        by: impl FnOnce(Command) -> Checked<Command>,
    ) -> Checked<Program> {
        self.isolated_so_far += 1;
        let number = self.isolated_so_far.to_string();
        if env::var(ISOLATED).is_ok_and(|wanted| wanted == number) {
            Steps::begin().go(steps);
        }
        let mut command = Command::new(env::current_exe()?);
        command
            .args(only(&self.name))
            .env(ISOLATED, number)
            .env("COURSE_SEED", self.seed.value().to_string());
        self.spawn_command(by(command)?)
    }

    /// Adds a sentence that goes with the verdict, green or red.
    pub fn note(&mut self, words: impl Into<String>) {
        self.notes.push(words.into());
    }

    /// Returns `len` random bytes. They differ from run to run, so no program can know them
    /// beforehand.
    #[must_use]
    pub fn payload(&mut self, len: usize) -> Vec<u8> {
        self.seed.draw();
        let mut bytes = vec![0; len];
        self.random.fill(&mut bytes);
        bytes
    }

    /// Returns a random number below `bound`.
    ///
    /// # Panics
    /// When `bound` is 0.
    #[must_use]
    pub fn any_below(&mut self, bound: usize) -> usize {
        self.seed.draw();
        self.random.usize(..bound)
    }
}
