//! What is wrong with the book, said so that its author can mend it: where, what, and what to do.
//!
//! A directive reports a [`Problem`], which knows nothing of where it stands; the preprocessor adds
//! file and line and makes it a [`Fault`]. All faults of a run are gathered, since mending them one
//! build at a time is tiresome.

use std::fmt;
use std::path::PathBuf;

/// What a directive finds wrong, and what its author can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, as a clause without a full stop.
    pub what: String,
    /// What to do about it, as a clause without a full stop.
    pub remedy: String,
    /// The file to mend, from the repository's root, where that is not the chapter itself.
    pub file: Option<PathBuf>,
}

impl Problem {
    /// A problem of the chapter that is being read.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
            file: None,
        }
    }

    /// Says that not the chapter but `file` has to be mended.
    #[must_use]
    pub fn in_file(self, file: impl Into<PathBuf>) -> Self {
        Self {
            file: Some(file.into()),
            ..self
        }
    }
}

/// A problem and the place that brought it to light.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The file, from the repository's root.
    pub file: PathBuf,
    /// The line in it, from 1; 0 when the fault is about the file as a whole.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.problem.what)?;
        if let Some(file) = &self.problem.file {
            write!(f, "\n  in {}", file.display())?;
        }
        write!(f, "\n  {}", self.problem.remedy)
    }
}

/// Everything that is wrong with the book, in the order of its chapters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        writeln!(
            f,
            "the book has {count} {}:",
            if count == 1 { "fault" } else { "faults" }
        )?;
        for fault in &self.0 {
            write!(f, "\n{fault}\n")?;
        }
        Ok(())
    }
}
