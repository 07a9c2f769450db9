//! Watches the checkout, and says which part of the course a saved file belongs to: a lesson, the
//! book, or the progress that the command line writes.
//!
//! Invariant: a file that the course itself builds is no save.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use course::system::file_watcher::{self, FileWatcher, RecursiveMode};

/// The folders that are watched, from the root.
const FOLDERS: &[(&str, RecursiveMode)] = &[
    ("lessons", RecursiveMode::Recursive),
    ("solutions", RecursiveMode::Recursive),
    ("book", RecursiveMode::Recursive),
    (".course", RecursiveMode::NonRecursive),
];

/// A part of the course that was saved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SavedPart {
    /// A lesson's program or its grader; the lesson's folder name.
    Lesson(String),
    /// A source of the book's pages.
    Book,
    /// The progress.
    Progress,
}

/// A watch over one checkout, which ends when this value is dropped.
pub(super) struct CourseWatcher {
    root: PathBuf,
    saves: FileWatcher,
}

impl CourseWatcher {
    /// Begins to watch the checkout at `root`; with `poll` its files are polled.
    ///
    /// # Errors
    /// When the folders can be neither watched nor polled.
    pub(super) fn over(root: &Path, poll: bool) -> Result<Self> {
        let folders: Vec<_> = FOLDERS
            .iter()
            .map(|(folder, how)| (root.join(folder), *how))
            .collect();
        Ok(Self {
            root: root.to_owned(),
            saves: FileWatcher::of(&folders, poll)?,
        })
    }

    /// Why files are polled, in words; empty when the system reports saves.
    pub(super) fn polling_note(&self) -> &str {
        &self.saves.polling_note
    }

    /// Waits for a save. Returns the parts that were saved, and why some saves may have been
    /// missed, if so; `None` when the watch has ended.
    pub(super) fn next(&self) -> Option<(BTreeSet<SavedPart>, Option<String>)> {
        let file_watcher::SavedFiles { files, missed } = self.saves.next()?;
        let paths = files
            .iter()
            .filter_map(|path| path.strip_prefix(&self.root).ok());
        Some((paths.flat_map(what).collect(), missed))
    }
}

/// The parts that the file `path`, from the root, belongs to.
fn what(path: &Path) -> Vec<SavedPart> {
    let parts: Vec<&OsStr> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        })
        .collect();
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.to_str()).collect();
    match parts[..] {
        [".course", "progress.json"] => vec![SavedPart::Progress],
        ["lessons", lesson, "tests", ..] if is_lesson(lesson) => {
            vec![SavedPart::Lesson(lesson.to_owned()), SavedPart::Book]
        }
        ["lessons", lesson, "src", ..] | ["lessons", lesson, "Cargo.toml"] if is_lesson(lesson) => {
            vec![SavedPart::Lesson(lesson.to_owned())]
        }
        ["lessons", lesson] if is_lesson(lesson) => vec![SavedPart::Lesson(lesson.to_owned())],
        [
            "solutions",
            lesson,
            "src" | "mistakes.toml" | "Cargo.toml",
            ..,
        ] if is_lesson(lesson) => {
            vec![SavedPart::Book]
        }
        [
            "book",
            "src" | "theme" | "samples" | "claims" | "book.toml",
            ..,
        ] => vec![SavedPart::Book],
        _ => Vec::new(),
    }
}

fn is_lesson(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_was_saved() {
        let lesson = || SavedPart::Lesson("06-echo-server".into());
        for (path, saved) in [
            ("lessons/06-echo-server/src/main.rs", vec![lesson()]),
            ("lessons/06-echo-server/src/net/pump.rs", vec![lesson()]),
            (
                "lessons/06-echo-server/tests/grade.rs",
                vec![lesson(), SavedPart::Book],
            ),
            ("lessons/grader/src/check.rs", vec![]),
            (
                "solutions/06-echo-server/src/main.rs",
                vec![SavedPart::Book],
            ),
            (
                "solutions/06-echo-server/mistakes.toml",
                vec![SavedPart::Book],
            ),
            ("book/src/06-echo-server.md", vec![SavedPart::Book]),
            ("book/theme/course.css", vec![SavedPart::Book]),
            ("book/book/index.html", vec![]),
            ("book/server/src/live.rs", vec![]),
            (".course/progress.json", vec![SavedPart::Progress]),
            (".course/book.json", vec![]),
        ] {
            assert_eq!(what(Path::new(path)), saved, "{path}");
        }
    }
}
