//! The errors that a learner can run into; each message says what to type next.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error;

use crate::show::command_hint::command_hint;

/// The result of a command, as the exit code of its process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything asked for holds.
    #[default]
    Held = 0,
    /// Everything ran; a check is red, or the lesson is not begun.
    Red = 1,
    /// The program does not compile, or the request makes no sense.
    Unusable = 2,
    /// No verdict was possible: the grader, the machine or the course itself is at fault.
    CouldNotJudge = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A request that cannot be fulfilled as it was made.
#[derive(Debug, Error)]
pub enum Error {
    /// The current folder is not inside the course.
    #[error(
        "This folder is not inside the course.\nGo to the folder you cloned it into, and type the command again."
    )]
    NotHere,

    /// There is no such lesson.
    #[error("There is no lesson `{asked}`.{}\nThe lessons are: {}.", nearest.as_ref().map_or(String::new(), |name| format!(" Did you mean `{name}`?")), all.join(", "))]
    UnknownLesson {
        /// What was asked for.
        asked: String,
        /// The lesson most like it.
        nearest: Option<String>,
        /// All there are.
        all: Vec<String>,
    },

    /// The lesson's folder, its `src/`, or its grader is gone.
    #[error("The lesson `{name}` is not complete: its folder, its src/ or its grader is gone.\nTo get everything back as it was: git checkout -- lessons/{name}\nTo get only src/ back, as you first found it: {}", command_hint(&format!("reset {package}")))]
    LessonGone {
        /// The lesson's folder name.
        name: String,
        /// The name to type.
        package: String,
    },

    /// A teacher has emptied the solution.
    #[error("The solution of {package} is withheld in this copy of the course (its src/ is empty),\nso there is nothing to {wanted}. Your teacher has it; `{}` still grades your own program.", command_hint(&format!("check {package}")))]
    Withheld {
        /// The lesson's package.
        package: String,
        /// What it was wanted for, as a verb.
        wanted: &'static str,
    },

    /// A lesson cannot be begun as it was asked for.
    #[error("The lesson `{name}` cannot be begun. {because}\nNothing was written.")]
    NoNewLesson {
        /// What it was to be called.
        name: String,
        /// Why not.
        because: String,
    },

    /// There is no such check.
    #[error("{package} has no check `{asked}`.\nIts checks are:\n  {}", all.join("\n  "))]
    UnknownCheck {
        /// What was asked for.
        asked: String,
        /// The lesson's package.
        package: String,
        /// All there are.
        all: Vec<String>,
    },

    /// There is no such mistake.
    #[error("{package} has no mistake `{asked}`.\nIts mistakes are:\n  {}", all.join("\n  "))]
    UnknownMistake {
        /// What was asked for.
        asked: String,
        /// The lesson's package.
        package: String,
        /// All there are.
        all: Vec<String>,
    },

    /// There is no such claim.
    #[error("There is no claim `{asked}`.{}\nTo list them all: {}", nearest.as_ref().map_or(String::new(), |name| format!("\nDid you mean {name}?")), command_hint("claim"))]
    UnknownClaim {
        /// What was asked for.
        asked: String,
        /// The claim most like it.
        nearest: Option<String>,
    },

    /// Every lesson is green, so there is no next one.
    #[error(
        "Every lesson is green: there is no next one to check.\nTo check one again, name it: {}",
        command_hint("check lesson-01")
    )]
    AllGreen,

    /// The lesson is no floor of the tower.
    #[error("No later lesson stands on {package}, so there is no floor to choose.")]
    NoFloor {
        /// The lesson's package.
        package: String,
    },

    /// Cargo refuses the workspace with the other floor in it.
    #[error(
        "Cargo does not accept the other floor; what it says stands above. Nothing was changed."
    )]
    FloorDoesNotFit,

    /// Another check holds the lock.
    #[error("Another check is running in this checkout{}.\nWait until it is done, or end it there with Ctrl-C; then type the command again.", pid.as_ref().map_or(String::new(), |pid| format!(" (process {pid})")))]
    AlreadyRunning {
        /// The process that holds the lock, if its number stands in the lock file.
        pid: Option<u32>,
    },

    /// `--src` names something that is no package and no `src/`.
    #[error("There is no program to grade in {}.\nName a package folder, or its src/ folder with a main.rs or lib.rs in it.", folder.display())]
    NoProgram {
        /// What was named.
        folder: PathBuf,
    },

    /// A folder of the course cannot be written to.
    #[error("The course cannot write to {}: {reason}.\nNothing was changed. If this checkout is read-only, copy it to a folder of your own.\nTo grade only, let the built files go elsewhere: CARGO_TARGET_DIR=/tmp/course-target cargo course", path.display())]
    ReadOnly {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },

    /// There is no room on a disk.
    #[error("The disk is full: the course cannot write to {}.\nNothing of yours is lost. To see what is full: df -h {}\nWhat cargo has built can go, and is built again: cargo clean", path.display(), path.parent().unwrap_or(path).display())]
    DiskFull {
        /// What could not be written.
        path: PathBuf,
    },

    /// `measure` names a lesson without a server.
    #[error("{package} has no server that clients could ask, so there is nothing to measure.\nThe lessons with one are: {}.", with.join(", "))]
    NothingToMeasure {
        /// The lesson's package.
        package: String,
        /// The lessons that can be measured.
        with: Vec<String>,
    },

    /// `ladder` finds no green lesson with a server.
    #[error(
        "None of your lessons with a server is green yet, so there is nothing to put side by side.\nTo see the references: {}",
        command_hint("ladder --solution")
    )]
    NoRung,

    /// Something that needs an answer was asked where nobody can give one.
    #[error("{0}")]
    NeedsYes(String),
}

impl Error {
    /// The exit code that it stands for.
    pub fn exit(&self) -> Exit {
        match self {
            Self::AlreadyRunning { .. } | Self::ReadOnly { .. } | Self::DiskFull { .. } => {
                Exit::CouldNotJudge
            }
            _ => Exit::Unusable,
        }
    }

    /// The error for what could not be written to `path`.
    pub fn cannot_write(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::ReadOnly {
                path,
                reason: error.to_string(),
            },
        }
    }
}
