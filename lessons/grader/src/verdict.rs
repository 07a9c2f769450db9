//! What a check concludes, as graders state it and as the command line and the book show it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::visible;

pub(crate) mod explain;
pub(crate) mod stop;

/// One check's result, as it stands in the file that `$COURSE_VERDICT` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The check's name: a sentence in snake case.
    pub check: String,
    /// How long the check took, in milliseconds.
    pub millis: u64,
    /// What has to be known to read the verdict: a check that had to be scaled down says so here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What it concludes.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A check's conclusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// What the check demands holds.
    Green,
    /// It does not hold, and this is why.
    Red {
        /// What was demanded, what was seen, and where to look.
        failure: Failure,
    },
    /// The check cannot look on this machine.
    Skipped {
        /// What is missing, and what to do about it.
        reason: String,
    },
    /// The situation the check judges could not be reached; the program is not to blame.
    CouldNotJudge {
        /// What the kernel did not show in time.
        reason: String,
    },
}

/// Why a check is red, in the words that a learner reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What must hold.
    pub expected: String,
    /// What was seen instead.
    pub saw: String,
    /// Why this happens, as far as the grader can tell; may be empty.
    pub why: String,
    /// Where to look next; may be empty.
    pub look: String,
    /// The `todo!` the program ran into, when that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unwritten: Option<Unwritten>,
    /// The panic that `saw` tells of, if it does: several checks may have met the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panic: Option<Box<Panicked>>,
    /// What kind of thing was seen, where the kit can tell: a check may have words for it.
    #[serde(skip)]
    pub cause: Option<Cause>,
    /// Which words a check has given it: they stay, and later ones only fill what is missing. All
    /// other words are the kit's suggestions.
    #[serde(skip)]
    pub given: Given,
    /// What the panics said that the program has told of on its standard error, the first line of
    /// each.
    #[serde(skip)]
    pub panics: Vec<String>,
    /// What a senior engineer would have looked up at that moment, a line each; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub autopsy: Vec<String>,
}

/// What kind of thing was seen, where several lead to the same red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The program had ended.
    Ended,
    /// The program hung up on a client, or broke its connection.
    HungUp,
    /// It is busy without end.
    Spins,
    /// It sleeps, but in another call than it should.
    Elsewhere,
    /// It sleeps, and a client's bytes lie unread in the kernel.
    Unheard,
    /// It sleeps in the right call, and that call has a time-out.
    TimeOut,
    /// A thread of it waits in a lock, or for another thread.
    Locked,
    /// It keeps descriptors or registrations of clients that have left.
    Keeps,
    /// It serves, and much more slowly than before.
    Slow,
    /// A client got bytes that were not its own, or not at their place.
    WrongBytes,
}

/// Which words of a failure a check has given it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// What must hold.
    pub expected: bool,
    /// Why this happens, and where to look.
    pub why: bool,
}

/// A `todo!` that the learner has not replaced yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwritten {
    /// The words inside the `todo!`.
    pub words: String,
    /// The file, as the compiler names it.
    pub file: String,
    /// The line of the `todo!`, from 1.
    pub line: u32,
}

/// A panic of the program, in whatever thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Panicked {
    /// What it said, the first line.
    pub message: String,
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("expected", &self.expected),
            ("saw", &self.saw),
            ("why", &self.why),
            ("look", &self.look),
        ];
        for (label, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            writeln!(f, "{label:>9}: {}", visible(text))?;
        }
        for (index, line) in self.autopsy.iter().enumerate() {
            let label = if index == 0 { "autopsy:" } else { "" };
            writeln!(f, "{label:>10} {}", visible(line))?;
        }
        Ok(())
    }
}
