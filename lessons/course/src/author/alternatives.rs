//! Alternatives: second, differently built correct solutions, to which a grader must be as kind.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;
use crate::catalog::workspace::Workspace;

/// A second correct solution: sources only, built through the workbench.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The folder's name: the lesson's, or the lesson's and `--` and what is special about it.
    pub name: String,
    /// Where its `src/` lies.
    pub src: PathBuf,
}

impl Alternative {
    /// The alternatives of a lesson, by name.
    ///
    /// # Errors
    /// When the folder of alternatives is there and cannot be listed.
    pub fn all(workspace: &Workspace, lesson: &Lesson) -> Result<Vec<Self>> {
        let shelf = workspace.root().join("lessons/grader/alternatives");
        if !shelf.is_dir() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for entry in fs::read_dir(&shelf)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name == lesson.name || name.starts_with(&format!("{}--", lesson.name)) {
                all.push(Self {
                    name,
                    src: entry.path().join("src"),
                });
            }
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

    /// Its name on the workbench.
    pub fn bench(&self) -> String {
        let special = self
            .name
            .split_once("--")
            .map_or("", |(_, special)| special);
        if special.is_empty() {
            "alternative".to_owned()
        } else {
            format!("alternative-{special}")
        }
    }
}
