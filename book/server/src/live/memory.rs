//! The live book's memory from one run of the server to the next, in `/.course/book.json`.
//!
//! Ticks and opened hints are not stored here but in the course's own progress, which the command
//! line uses too.
//!
//! Invariant: the course works without this file. It is replaced whole or not at all, and a lost or
//! damaged file counts as an empty one.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::PathBuf;

use course::Workspace;
use course::catalog::sources::Sources;
use course::grade::run::Judged;
use serde::{Deserialize, Serialize};

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Whether grading on save is turned off.
    pub(super) only_when_asked: bool,
    /// By name of the lesson.
    pub(super) lessons: BTreeMap<String, Kept>,
}

/// The record of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// The results of the last complete run.
    pub(super) run: Vec<Judged>,
    /// The [`fingerprint`] of the sources of that run.
    pub(super) sources: String,
    /// Whether the reader has chosen to see the reference before the lesson was green.
    pub(super) compared: bool,
}

impl Memory {
    /// Reads the file.
    pub(super) fn load(workspace: &Workspace) -> Self {
        fs::read(path(workspace))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// Replaces the file.
    ///
    /// # Errors
    /// When the checkout cannot be written to.
    pub(super) fn save(&self, workspace: &Workspace) -> io::Result<()> {
        fs::create_dir_all(workspace.state())?;
        let mut file = tempfile::NamedTempFile::new_in(workspace.state())?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        file.persist(path(workspace))?;
        Ok(())
    }
}

/// A hash of a program's sources, which changes when they change.
pub(super) fn fingerprint(sources: &Sources) -> String {
    let mut hasher = DefaultHasher::new();
    sources.0.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.state().join("book.json")
}

#[cfg(test)]
mod tests {
    use grader::{Failure, Report, Verdict};

    use super::*;

    #[test]
    fn a_run_is_remembered_with_its_failures() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path());
        let failure = Failure {
            saw: "nothing".into(),
            ..Failure::default()
        };
        let report = Report {
            check: "echoes".into(),
            millis: 12,
            notes: Vec::new(),
            verdict: Verdict::Red { failure },
        };
        let kept = Kept {
            run: vec![Judged {
                report,
                broke: Vec::new(),
            }],
            ..Kept::default()
        };
        let memory = Memory {
            lessons: [("01-blocking".into(), kept)].into(),
            ..Memory::default()
        };
        memory.save(&workspace).unwrap();
        assert_eq!(Memory::load(&workspace), memory);
    }

    #[test]
    fn a_damaged_file_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path());
        fs::create_dir(workspace.state()).unwrap();
        fs::write(path(&workspace), "{ half").unwrap();
        assert_eq!(Memory::load(&workspace), Memory::default());
    }
}
