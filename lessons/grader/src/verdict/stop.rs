//! How a check ends early: red, skipped, or unable to judge.

use std::io;

use crate::kernel::rlimit;
use crate::verdict::{Cause, Failure, Verdict};

/// What a check, or a step of one, returns.
pub type Checked<T = ()> = Result<T, Stop>;

/// Why a check goes no further.
///
/// What the *program* owes and does not do is red. What the *kit and the kernel* owe (bytes queued,
/// a process stopped) and do not reach could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The program does not do what it owes.
    Red(Box<Failure>),
    /// This machine does not let the check look; the text says what is missing.
    Skipped(String),
    /// The situation to judge was not reached; the text says what was not seen.
    CouldNotJudge(String),
}

impl Stop {
    /// Says what kind of thing was seen, unless that is known already: a program that has ended
    /// has.
    #[must_use]
    pub(crate) fn caused(self, cause: Option<Cause>) -> Self {
        match self {
            Self::Red(mut failure) => {
                failure.cause = failure.cause.or(cause);
                Self::Red(failure)
            }
            other => other,
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Red(Box::new(failure))
    }
}

/// The kit's own system calls: when they fail, the program is not to blame.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::CouldNotJudge(rlimit::refused("the grader itself failed", &error))
    }
}

impl From<rustix::io::Errno> for Stop {
    fn from(errno: rustix::io::Errno) -> Self {
        io::Error::from(errno).into()
    }
}

impl From<Checked> for Verdict {
    fn from(checked: Checked) -> Self {
        match checked {
            Ok(()) => Self::Green,
            Err(Stop::Red(failure)) => Self::Red { failure: *failure },
            Err(Stop::Skipped(reason)) => Self::Skipped { reason },
            Err(Stop::CouldNotJudge(reason)) => Self::CouldNotJudge { reason },
        }
    }
}

impl From<Verdict> for Checked {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Green => Ok(()),
            Verdict::Red { failure } => Err(failure.into()),
            Verdict::Skipped { reason } => Err(Stop::Skipped(reason)),
            Verdict::CouldNotJudge { reason } => Err(Stop::CouldNotJudge(reason)),
        }
    }
}
