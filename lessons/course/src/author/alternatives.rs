//! Alternatives: second, differently built correct solutions, to which a grader must be as kind.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;

/// A second correct solution: sources only, built as a scratch package.
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

    /// Its sources.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn sources(&self) -> Result<Sources> {
        Sources::read(&self.src).with_context(|| format!("cannot read {}", self.src.display()))
    }

    /// The name of its scratch package, which no mistake has.
    pub fn package(&self) -> String {
        format!("alternative-{}", self.name)
    }
}
