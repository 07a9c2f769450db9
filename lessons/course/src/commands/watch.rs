//! `watch`: grades again whenever a file of the lesson is saved.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use course::error::COULD_NOT_JUDGE;
use course::lessons::Lesson;
use course::process::Cancel;
use course::sources::is_an_editors;
use course::style::{BAD, QUIET, paint};
use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Course, check};
use crate::judging::Telling;

/// How long it must be quiet after a save: editors write a file in several steps.
const QUIET_FOR: Duration = Duration::from_millis(100);
/// How often files are looked at where the system does not tell of saves.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(super) fn run(course: &Course, asked: Option<&str>, poll: bool) -> Result<u8> {
    let lesson = course.lesson(asked)?;
    lesson.sources()?;
    let (sender, saves) = mpsc::channel();
    let _watcher = watcher(&lesson.folder(), poll, &sender)?;
    loop {
        let cancel = Cancel::default();
        thread::scope(|scope| {
            let run = scope.spawn(|| once(course, lesson, &cancel));
            let saved = next_save(&saves);
            cancel.cancel();
            let _ = run.join();
            saved
        })?;
        anstream::println!("\n{}", paint(QUIET, "-".repeat(40)));
    }
}

/// Ctrl-C is how a watch ends, and no failure.
pub(super) fn stop() -> Option<i32> {
    anstream::println!("\nStopped watching.");
    Some(0)
}

/// One grading; what goes wrong is said, and the watch goes on.
fn once(course: &Course, lesson: &Lesson, cancel: &Cancel) -> u8 {
    let code =
        check::learners(course, lesson, Telling::Lines(""), cancel).unwrap_or_else(|error| {
            anstream::eprintln!("{} {error:#}", paint(BAD, "error:"));
            COULD_NOT_JUDGE
        });
    if !cancel.is_cancelled() {
        anstream::println!(
            "\n{}",
            paint(
                QUIET,
                "Watching: save a file to check again, Ctrl-C to stop."
            )
        );
    }
    code
}

/// Waits for a save, and until the editor is done with it.
fn next_save(saves: &Receiver<()>) -> Result<()> {
    saves
        .recv()
        .context("the watch on the lesson's files has ended")?;
    while saves.recv_timeout(QUIET_FOR) != Err(RecvTimeoutError::Timeout) {}
    Ok(())
}

/// Watches by the system's notifications, or by looking, where there are none.
fn watcher(folder: &Path, poll: bool, saves: &Sender<()>) -> Result<Box<dyn Watcher>> {
    if !poll {
        let notified =
            RecommendedWatcher::new(handler(saves), Config::default()).and_then(|mut watcher| {
                watcher
                    .watch(folder, RecursiveMode::Recursive)
                    .map(|()| watcher)
            });
        match notified {
            Ok(watcher) => return Ok(Box::new(watcher)),
            Err(error) => {
                anstream::eprintln!("note: this system does not tell of saves ({error}).");
            }
        }
    }
    anstream::eprintln!("note: looking at the files twice a second.");
    let config = Config::default()
        .with_poll_interval(LOOK_EVERY)
        .with_compare_contents(true);
    let mut watcher = PollWatcher::new(handler(saves), config)?;
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(Box::new(watcher))
}

fn handler(saves: &Sender<()>) -> impl FnMut(notify::Result<Event>) + Send + 'static {
    let saves = saves.clone();
    move |event| {
        if event.is_ok_and(|event| is_save(&event)) {
            // Nobody listens any more only when the watch has ended.
            let _ = saves.send(());
        }
    }
}

/// Reading is no save, and neither is what an editor writes beside the file.
fn is_save(event: &Event) -> bool {
    let is_source = |path: &Path| path.file_name().is_some_and(|name| !is_an_editors(name));
    !event.kind.is_access() && event.paths.iter().any(|path| is_source(path))
}
