//! What an author still has to write: the places that `cargo course new` has marked.
//!
//! Invariant: nothing of the learner's is read. What is marked in a stub is marked in its solution.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;
use crate::catalog::workspace::Workspace;

/// What marks such a place; the words after it say what belongs there.
const MARK: &str = "TODO(author)";

/// One marked place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// The file, relative to the root.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What belongs there.
    pub words: String,
}

impl fmt::Display for Todo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, words } = self;
        write!(f, "{}:{line}: {MARK}: {words}", file.display())
    }
}

/// Every marked place of a lesson: of its solution, its manifest and grader, its chapter.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn all(workspace: &Workspace, lesson: &Lesson) -> Result<Vec<Todo>> {
    let mut files = Vec::new();
    for folder in [lesson.solution(), lesson.folder().join("tests")] {
        let below = Sources::read(&folder)?.0.into_keys();
        files.extend(below.map(|file| folder.join(file)));
    }
    files.push(lesson.folder().join("Cargo.toml"));
    files.push(workspace.root().join(lesson.chapter()));
    let mut todos = Vec::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        todos.extend(marked(workspace.relative(file), &text));
    }
    Ok(todos)
}

fn marked(file: &Path, text: &str) -> Vec<Todo> {
    let todo = |(index, line): (usize, &str)| {
        let (_, words) = line.split_once(MARK)?;
        Some(Todo {
            file: file.to_owned(),
            line: index + 1,
            words: words.trim_matches([':', ' ', '"']).to_owned(),
        })
    };
    text.lines().enumerate().filter_map(todo).collect()
}
