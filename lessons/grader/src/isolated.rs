//! Isolated steps: the learner's functions called directly, in a process of their own, whose crash
//! does no harm to the check.
//!
//! Invariant: the process prints its verdict in one piece and ends at once. A process that ends
//! without a verdict has broken the contract, unless the grader itself panicked.

use std::io::{Write, stdout};
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::time::Duration;

use rustix::process::getpid;

use crate::kernel::threads::{self, Thread};
use crate::program::Program;
use crate::protocol::{ENDS, NOTE, STEP, VERDICT, is_ours};
use crate::verdict::explain::{Explain, Explanation};
use crate::verdict::stop::{Checked, Stop};
use crate::verdict::{Failure, Verdict};
use crate::{machine_check, wait};

/// The exit code of steps that ended in a panic: the same as any Rust program's.
const PANICKED: i32 = 101;
/// How many characters of the verdict go on one line. The check keeps only the beginning of a long
/// line.
const PIECE: usize = 240;

/// The steps of a contract, in the process that goes through them. Clones stand for the same steps.
#[derive(Clone, Debug)]
pub struct Steps(());

impl Steps {
    pub(crate) fn begin() -> Self {
        Self(())
    }

    /// Says what is tried next, for example "`block_on` of a future that is ready". When the steps
    /// do not come to their end, the failure says with these words where they are stuck.
    pub fn now(&self, words: &str) {
        println!("\n{STEP}{words}");
    }

    /// Adds a sentence that goes with the verdict, green or red.
    pub fn note(&self, words: &str) {
        println!("\n{NOTE}{words}");
    }

    /// The threads of the process that goes through the steps, and the calls that they are in.
    ///
    /// # Errors
    /// Skipped, when this machine does not show system calls.
    pub fn threads(&self) -> Checked<Vec<Thread>> {
        machine_check::must_see_calls()?;
        Ok(threads::of(getpid()))
    }

    /// Goes through the steps, and ends the process. A panic has printed its message already.
    pub(crate) fn go(&self, steps: impl FnOnce(&Self) -> Checked) -> ! {
        match panic::catch_unwind(AssertUnwindSafe(|| steps(self))) {
            Ok(concluded) => self.conclude(concluded),
            Err(_) => process::exit(PANICKED),
        }
    }

    /// Ends the steps at once, from any thread: the contract is violated, and the sentence `saw`
    /// says how.
    pub fn violated(&self, saw: impl Into<String>) -> ! {
        self.conclude(Err(violation(saw)))
    }

    /// As [`Steps::violated`], where the steps know the cause; these words stay.
    pub fn violated_so(&self, saw: impl Into<String>, moral: Explanation) -> ! {
        self.conclude(Err(violation(saw)).explain_by(|_| moral))
    }

    /// Prints the verdict and ends the process, with every thread that is left in it.
    pub(crate) fn conclude(&self, concluded: Checked) -> ! {
        let verdict = serde_json::to_string(&Verdict::from(concluded)).expect("plain data");
        let characters: Vec<char> = verdict.chars().collect();
        let pieces = characters.chunks(PIECE).map(String::from_iter);
        let mut out = stdout().lock();
        // The learner's code may have left a line unfinished.
        let _ = writeln!(out);
        for piece in pieces {
            let _ = writeln!(out, "{VERDICT}{piece}");
        }
        let _ = writeln!(out, "{ENDS}");
        let _ = out.flush();
        process::exit(0);
    }
}

/// A red verdict whose sentence says which part of a contract was broken.
pub fn violation(saw: impl Into<String>) -> Stop {
    Failure {
        saw: saw.into(),
        ..Failure::default()
    }
    .into()
}

impl Program {
    /// Waits until the steps that were begun with
    /// [`Check::start_isolated`](crate::Check::start_isolated) have come to their end; their
    /// verdict is the result.
    ///
    /// # Errors
    /// The verdict of the steps; red when they do not come to their end.
    pub fn concludes(&self) -> Checked {
        self.concludes_within(wait::PATIENCE)
    }

    /// As [`Program::concludes`], with a patience of its own.
    ///
    /// # Errors
    /// As [`Program::concludes`].
    pub fn concludes_within(&self, patience: Duration) -> Checked {
        let concluded = self.owes_within(patience, || self.concluded());
        for line in self.latest_lines() {
            if let Some(words) = line.strip_prefix(NOTE) {
                self.note(words.to_owned());
            }
        }
        if let Some(verdict) = concluded {
            return Checked::from(verdict).map_err(|stop| self.with_its_panics(stop));
        }
        let saw = match (self.step(), self.ended().is_some()) {
            (Some(step), false) => format!("this does not come to an end: {step}"),
            (Some(step), true) => format!("it got as far as this: {step}"),
            (None, _) if self.latest_lines().iter().all(|line| is_ours(line)) => {
                "it said nothing".into()
            }
            (None, false) => "it does not get to its first step".into(),
            (None, true) => "it did not get to its first step".into(),
        };
        let red = self.red(saw);
        match self.panics().first() {
            Some(panic) if matches!(red, Stop::Red(_)) && panic.is_the_graders() => {
                Err(Stop::CouldNotJudge(format!(
                    "the grader itself panicked at {}:{}: {}",
                    panic.file, panic.line, panic.message
                )))
            }
            _ => Err(red),
        }
    }

    /// Adds to a red verdict the panic of any other thread of the learner's code: that thread may
    /// owe what the check misses.
    fn with_its_panics(&self, stop: Stop) -> Stop {
        let Stop::Red(failure) = stop else {
            return stop;
        };
        let mut failure = failure.with_its_words_given();
        if let Some(excuse) = self.excuse(&failure.saw) {
            return Stop::CouldNotJudge(excuse);
        }
        match self.red(failure.saw.clone()) {
            Stop::Red(told) if told.unwritten.is_some() => return Stop::Red(told),
            Stop::Red(told) if !self.panics().is_empty() => {
                failure.saw = told.saw;
                failure.panic = told.panic;
            }
            _ => {}
        }
        failure.into()
    }

    /// The verdict, once all its lines are there.
    fn concluded(&self) -> Option<Verdict> {
        let lines = self.latest_lines();
        lines.iter().any(|line| line == ENDS).then_some(())?;
        let pieces = lines.iter().filter_map(|line| line.strip_prefix(VERDICT));
        serde_json::from_str(&pieces.collect::<String>()).ok()
    }
}
