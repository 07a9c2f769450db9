//! Alternatives: correct solutions that are built differently from the reference; the grader must
//! find each of them green.
//!
//! Invariant: an alternative brings the sources that differ; all others are the reference's, and
//! manifest and grader the lesson's.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;
use crate::catalog::workspace::Workspace;
use crate::grade::scratch_package::ScratchPackage;

/// One alternative solution: a `src/` folder, laid over the reference's and built as a scratch
/// package.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The folder's name: what is special about it.
    pub name: String,
    /// Where its `src/` lies.
    pub src: PathBuf,
}

impl Alternative {
    /// The alternatives of a lesson, by name.
    ///
    /// # Errors
    /// When the folder of alternatives is there and cannot be listed.
    pub fn all(lesson: &Lesson) -> Result<Vec<Self>> {
        let shelf = lesson.solution().join("alternatives");
        if !shelf.is_dir() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for entry in fs::read_dir(&shelf)? {
            let entry = entry?;
            all.push(Self {
                name: entry.file_name().to_string_lossy().into_owned(),
                src: entry.path().join("src"),
            });
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Lays it out as a scratch package.
    ///
    /// # Errors
    /// When its sources cannot be read, or the package cannot be written.
    pub fn lay_out(&self, workspace: &Workspace, lesson: &Lesson) -> Result<ScratchPackage> {
        let read = |folder: &Path| {
            Sources::read(folder).with_context(|| format!("cannot read {}", folder.display()))
        };
        let mut sources = read(&lesson.solution().join("src"))?;
        sources.0.extend(read(&self.src)?.0);
        ScratchPackage::lay_out(workspace, lesson, &self.package(), &sources)
    }

    /// The name of its scratch package, which no mistake has.
    pub fn package(&self) -> String {
        format!("alternative-{}", self.name)
    }
}
