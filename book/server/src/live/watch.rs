//! Notices what is saved: a lesson's files, the book's, the progress that the command line writes.
//!
//! Invariant: what an editor writes beside a file is no save, and neither is what the course builds.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context, Result};
use course::sources::is_an_editors;
use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

/// How long it must be quiet after a save: editors write a file in several steps.
const QUIET_FOR: Duration = Duration::from_millis(100);
/// How often files are looked at where the system does not tell of saves.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What is watched, from the root.
const FOLDERS: &[(&str, RecursiveMode)] = &[
    ("lessons", RecursiveMode::Recursive),
    ("solutions", RecursiveMode::Recursive),
    ("book", RecursiveMode::Recursive),
    (".course", RecursiveMode::NonRecursive),
];

/// Something that was saved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Saved {
    /// A lesson's program or its grader; the lesson's folder name.
    Lesson(String),
    /// Something that stands in the book's pages.
    Book,
    /// The progress.
    Progress,
}

/// A watch over one checkout. It ends with this value.
pub(super) struct Watch {
    saves: Receiver<Vec<Saved>>,
    /// Why files are looked at instead of being told of, in words; empty when they are not.
    pub(super) by_looking: String,
    _watcher: Box<dyn Watcher + Send>,
}

impl Watch {
    /// Begins to watch the checkout at `root`; with `poll` by looking, which works on network drives too.
    ///
    /// # Errors
    /// When the files can be neither watched nor looked at.
    pub(super) fn over(root: &Path, poll: bool) -> Result<Self> {
        let (sender, saves) = mpsc::channel();
        let because = if poll {
            "as you asked".to_owned()
        } else {
            match watcher::<RecommendedWatcher>(root, Config::default(), &sender) {
                Ok(watcher) => {
                    return Ok(Self {
                        saves,
                        by_looking: String::new(),
                        _watcher: watcher,
                    });
                }
                Err(error) => format!("this system does not tell of saves: {error}"),
            }
        };
        let config = Config::default()
            .with_poll_interval(LOOK_EVERY)
            .with_compare_contents(true);
        let watcher = watcher::<PollWatcher>(root, config, &sender)
            .context("the lessons' files cannot be watched")?;
        let by_looking =
            format!("Saves are noticed by looking at the files twice a second ({because}).");
        Ok(Self {
            saves,
            by_looking,
            _watcher: watcher,
        })
    }

    /// Waits for a save, and until the editor is done with it; returns all that was saved. `None` when the watch has
    /// ended.
    pub(super) fn next(&self) -> Option<BTreeSet<Saved>> {
        let mut saved = BTreeSet::from_iter(self.saves.recv().ok()?);
        loop {
            match self.saves.recv_timeout(QUIET_FOR) {
                Ok(more) => saved.extend(more),
                Err(RecvTimeoutError::Timeout) => return Some(saved),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

fn watcher<W: Watcher + Send + 'static>(
    root: &Path,
    config: Config,
    sender: &Sender<Vec<Saved>>,
) -> notify::Result<Box<dyn Watcher + Send>> {
    let (sender, base) = (sender.clone(), root.to_owned());
    let handler = move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        if event.kind.is_access() {
            return;
        }
        let paths = event
            .paths
            .iter()
            .filter_map(|path| path.strip_prefix(&base).ok());
        let saved: Vec<_> = paths.flat_map(what).collect();
        if !saved.is_empty() {
            // Nobody listens any more only when the watch has ended.
            let _ = sender.send(saved);
        }
    };
    let mut watcher = W::new(handler, config)?;
    for (folder, how) in FOLDERS {
        let folder = root.join(folder);
        if folder.is_dir() {
            watcher.watch(&folder, *how)?;
        }
    }
    Ok(Box::new(watcher))
}

/// What it means that `path`, from the root, was saved.
fn what(path: &Path) -> Vec<Saved> {
    let parts: Vec<&OsStr> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        })
        .collect();
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.to_str()).collect();
    if path.file_name().is_none_or(is_an_editors) {
        return Vec::new();
    }
    match parts[..] {
        [".course", "progress.json"] => vec![Saved::Progress],
        ["lessons", lesson, "tests", ..] if is_lesson(lesson) => {
            vec![Saved::Lesson(lesson.to_owned()), Saved::Book]
        }
        ["lessons", lesson, "src", ..] | ["lessons", lesson, "Cargo.toml"] if is_lesson(lesson) => {
            vec![Saved::Lesson(lesson.to_owned())]
        }
        ["lessons", lesson] if is_lesson(lesson) => vec![Saved::Lesson(lesson.to_owned())],
        [
            "solutions",
            lesson,
            "src" | "mistakes.toml" | "Cargo.toml",
            ..,
        ] if is_lesson(lesson) => {
            vec![Saved::Book]
        }
        [
            "book",
            "src" | "theme" | "samples" | "claims" | "book.toml",
            ..,
        ] => vec![Saved::Book],
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
        let lesson = || Saved::Lesson("06-echo-server".into());
        for (path, saved) in [
            ("lessons/06-echo-server/src/main.rs", vec![lesson()]),
            ("lessons/06-echo-server/src/net/pump.rs", vec![lesson()]),
            (
                "lessons/06-echo-server/tests/grade.rs",
                vec![lesson(), Saved::Book],
            ),
            ("lessons/grader/src/check.rs", vec![]),
            ("lessons/06-echo-server/src/.main.rs.swp", vec![]),
            ("lessons/06-echo-server/src/main.rs~", vec![]),
            ("lessons/06-echo-server/src/4913~", vec![]),
            ("solutions/06-echo-server/src/main.rs", vec![Saved::Book]),
            ("solutions/06-echo-server/mistakes.toml", vec![Saved::Book]),
            ("book/src/06-echo-server.md", vec![Saved::Book]),
            ("book/theme/course.css", vec![Saved::Book]),
            ("book/book/index.html", vec![]),
            ("book/server/src/live.rs", vec![]),
            (".course/progress.json", vec![Saved::Progress]),
            (".course/book.json", vec![]),
        ] {
            assert_eq!(what(Path::new(path)), saved, "{path}");
        }
    }

    fn a_save_is_noticed(poll: bool) {
        let folder = tempfile::tempdir().unwrap();
        let src = folder.path().join("lessons/01-blocking/src");
        std::fs::create_dir_all(&src).unwrap();
        std::fs::write(src.join("main.rs"), "one").unwrap();
        let watch = Watch::over(folder.path(), poll).unwrap();
        assert_eq!(watch.by_looking.is_empty(), !poll);
        std::fs::write(src.join("main.rs"), "another").unwrap();
        let saved = watch.next().unwrap();
        assert_eq!(saved, [Saved::Lesson("01-blocking".into())].into());
    }

    #[test]
    fn a_save_is_noticed_when_the_system_tells_of_it() {
        a_save_is_noticed(false);
    }

    #[test]
    fn a_save_is_noticed_by_looking() {
        a_save_is_noticed(true);
    }
}
