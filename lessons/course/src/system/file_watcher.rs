//! Watches folders and reports each save.
//!
//! The system reports saves (inotify). Where it does not, the files are polled twice a second, and
//! `polling_note` says why.
//!
//! Invariant: an editor's swap or backup file is no save, and neither is reading a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::event::ModifyKind;
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, Watcher};

pub use notify::RecursiveMode;

use crate::catalog::sources::is_an_editors;

/// How long it must be quiet after a save: editors write a file in several steps.
const QUIET_FOR: Duration = Duration::from_millis(100);
/// How often files are polled where the system does not report saves.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A folder, and whether the folders in it are watched too.
pub type Watched = (PathBuf, RecursiveMode);

/// A watch over some folders, which ends when this value is dropped.
pub struct FileWatcher {
    heard: Receiver<Heard>,
    /// Why files are polled, in words; empty when the system reports saves.
    pub polling_note: String,
    _watcher: Box<dyn Watcher + Send>,
}

/// The files of one save: all that changed until it was quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedFiles {
    /// Each file, once.
    pub files: BTreeSet<PathBuf>,
    /// Why some saves may have been missed, in words, if the system says so.
    pub missed: Option<String>,
}

#[derive(Debug)]
enum Heard {
    File(PathBuf),
    Missed(String),
}

impl FileWatcher {
    /// Begins to watch those of `folders` that exist. With `poll` it polls, which works on network
    /// drives too.
    ///
    /// # Errors
    /// When they can be neither watched nor polled.
    pub fn of(folders: &[Watched], poll: bool) -> Result<Self> {
        Self::by(watcher::<RecommendedWatcher>, folders, poll)
    }

    fn by(told: Begin, folders: &[Watched], poll: bool) -> Result<Self> {
        let (sender, heard) = mpsc::channel();
        let because = if poll {
            "as you asked".to_owned()
        } else {
            match told(folders, Config::default(), &sender) {
                Ok(watcher) => {
                    return Ok(Self {
                        heard,
                        polling_note: String::new(),
                        _watcher: watcher,
                    });
                }
                Err(error) => format!("this system does not tell of saves: {error}"),
            }
        };
        let config = Config::default()
            .with_poll_interval(LOOK_EVERY)
            .with_compare_contents(true);
        let watcher = watcher::<PollWatcher>(folders, config, &sender)
            .context("the lessons' files cannot be watched")?;
        let polling_note =
            format!("Saves are noticed by looking at the files twice a second ({because}).");
        Ok(Self {
            heard,
            polling_note,
            _watcher: watcher,
        })
    }

    /// Waits for a save, and until the editor is done with it. `None` when the watch has ended.
    pub fn next(&self) -> Option<SavedFiles> {
        let mut saved = SavedFiles::default();
        saved.add(self.heard.recv().ok()?);
        loop {
            match self.heard.recv_timeout(QUIET_FOR) {
                Ok(heard) => saved.add(heard),
                Err(RecvTimeoutError::Timeout) => return Some(saved),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

impl SavedFiles {
    fn add(&mut self, heard: Heard) {
        match heard {
            Heard::File(path) => drop(self.files.insert(path)),
            Heard::Missed(words) => self.missed = Some(words),
        }
    }
}

type Begin = fn(&[Watched], Config, &Sender<Heard>) -> notify::Result<Box<dyn Watcher + Send>>;

fn watcher<W: Watcher + Send + 'static>(
    folders: &[Watched],
    config: Config,
    sender: &Sender<Heard>,
) -> notify::Result<Box<dyn Watcher + Send>> {
    let sender = sender.clone();
    let handler = move |event| {
        for heard in what(event) {
            // Sending fails only once the watch has been dropped.
            let _ = sender.send(heard);
        }
    };
    let mut watcher = W::new(handler, config)?;
    for (folder, how) in folders.iter().filter(|(folder, _)| folder.is_dir()) {
        watcher.watch(folder, *how)?;
    }
    Ok(Box::new(watcher))
}

/// Translates an event of the system.
fn what(event: notify::Result<Event>) -> Vec<Heard> {
    let event = match event {
        Ok(event) if event.need_rescan() => {
            return vec![Heard::Missed("there were too many at once".into())];
        }
        Ok(event) => event,
        Err(error) => return vec![Heard::Missed(error.to_string())],
    };
    // A folder's own time changes whenever a file in it is made or removed; that has an event of
    // its own.
    let is_time = matches!(event.kind, EventKind::Modify(ModifyKind::Metadata(_)));
    let is_save = |path: &Path| {
        path.file_name().is_some_and(|name| !is_an_editors(name)) && !(is_time && path.is_dir())
    };
    if event.kind.is_access() {
        return Vec::new();
    }
    let saved = event.paths.into_iter().filter(|path| is_save(path));
    saved.map(Heard::File).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A watched folder with one file in a folder of its own.
    fn folder() -> (tempfile::TempDir, Vec<Watched>) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/main.rs"), "one").unwrap();
        let watched = vec![(folder.path().to_owned(), RecursiveMode::Recursive)];
        (folder, watched)
    }

    /// Writes a swap file and then a source; only the source must be reported.
    fn a_save_is_noticed(saves: &FileWatcher, folder: &Path) {
        fs::write(folder.join("src/.main.rs.swp"), "an editor's").unwrap();
        fs::write(folder.join("src/main.rs"), "another").unwrap();
        let saved = saves.next().unwrap();
        assert_eq!(saved.files, [folder.join("src/main.rs")].into());
        assert_eq!(saved.missed, None);
    }

    #[test]
    fn a_save_is_noticed_when_the_system_tells_of_it() {
        let (folder, watched) = folder();
        let saves = FileWatcher::of(&watched, false).unwrap();
        assert_eq!(saves.polling_note, "");
        a_save_is_noticed(&saves, folder.path());
    }

    #[test]
    fn a_save_is_noticed_by_looking() {
        let (folder, watched) = folder();
        let saves = FileWatcher::of(&watched, true).unwrap();
        assert!(
            saves.polling_note.contains("as you asked"),
            "{}",
            saves.polling_note
        );
        a_save_is_noticed(&saves, folder.path());
    }

    #[test]
    fn a_system_that_does_not_tell_is_looked_at_and_the_reason_said() {
        let (folder, watched) = folder();
        let silent: Begin = |_, _, _| Err(notify::Error::generic("no more watches"));
        let saves = FileWatcher::by(silent, &watched, false).unwrap();
        let words = "looking at the files twice a second (this system does not tell of saves: no more watches)";
        assert!(saves.polling_note.contains(words), "{}", saves.polling_note);
        a_save_is_noticed(&saves, folder.path());
    }

    #[test]
    fn what_the_system_has_missed_is_told() {
        let rescan = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        for event in [Ok(rescan), Err(notify::Error::generic("no more watches"))] {
            assert!(matches!(what(event)[..], [Heard::Missed(_)]));
        }
    }
}
