//! The learner's progress, in `/.course/progress.json`.
//!
//! Invariant: only ticks and opened hints depend on this file. It is replaced whole or not at all,
//! by one process at a time. If it is lost, damaged, or cannot be read or written, the course
//! prints a note and goes on. A file that could not be read is never overwritten.
//!
//! Longer than others: the file, and the way that its ticks choose.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use grader::Verdict;
use serde::{Deserialize, Serialize};

use crate::catalog::cards::{Card, Offer};
use crate::catalog::lessons::Lesson;
use crate::catalog::workspace::Workspace;
use crate::grade::run::Judged;
use crate::show::report::word;
use crate::system::lock;

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// By the lesson's folder name.
    lessons: BTreeMap<String, Record>,
    /// The folder name of the lesson that was checked last; that is where the learner is.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// Whether the file exists but could not be read; then it is never saved.
    #[serde(skip)]
    is_unread: bool,
}

/// The record of one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// When every check held for the first time, in seconds since 1970; a tick is never taken away.
    pub green_since: Option<u64>,
    /// The checks of the last complete run, in the order of the grader.
    pub last: Vec<Last>,
    /// Which hints of each check have been opened, in that order.
    hints: BTreeMap<String, Opened>,
}

/// Places of opened hints, as [`Card::offer`] takes them. An older file holds a count instead,
/// which means that many hints from the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
struct Opened(Vec<usize>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Places(Vec<usize>),
    Count(usize),
}

impl From<Written> for Opened {
    fn from(written: Written) -> Self {
        match written {
            Written::Places(places) => Self(places),
            // Limited, so that a damaged count cannot fill the memory.
            Written::Count(count) => Self((0..count.min(100)).collect()),
        }
    }
}

impl Record {
    /// The hints of a check: the opened ones, then the others, beginning with those for its failure
    /// in the last run.
    pub fn offer<'a>(&self, card: &'a Card) -> Offer<'a> {
        let opened = self
            .hints
            .get(&card.check)
            .map_or(&[][..], |opened| &opened.0);
        let last = self.last.iter().find(|last| last.check == card.check);
        card.offer(opened, last.map_or("", |last| &last.said))
    }
}

/// One check of the last run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// Its name.
    pub check: String,
    /// Its verdict, in the words of the report.
    pub word: String,
    /// Whether it was red.
    pub red: bool,
    /// The words of its failure if it was red, otherwise empty; hints are chosen by them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
}

/// The lesson that comes next.
#[derive(Clone, Copy, Debug)]
pub struct Next<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The next lesson on the other way through the course, if that is another one.
    pub or: Option<Or<'a>>,
}

/// Another way through the course than the one that is proposed.
#[derive(Clone, Copy, Debug)]
pub enum Or<'a> {
    /// The short path, and the next lesson on it.
    Short(&'a Lesson),
    /// Every lesson in order, and the next one then.
    InOrder(&'a Lesson),
}

impl<'a> Or<'a> {
    /// The next lesson on it.
    pub fn lesson(self) -> &'a Lesson {
        match self {
            Self::Short(lesson) | Self::InOrder(lesson) => lesson,
        }
    }

    /// The beginning of a sentence that names its lesson.
    pub fn words(self) -> &'static str {
        match self {
            Self::Short(_) => "Or, on the short path",
            Self::InOrder(_) => "Or, leaving out nothing",
        }
    }
}

impl Progress {
    /// Reads the file. The second value says, in words, what could not be read.
    pub fn load(workspace: &Workspace) -> (Self, Option<String>) {
        let path = path(workspace);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return (Self::default(), None);
            }
            Err(error) => {
                let unread = Self {
                    is_unread: true,
                    ..Self::default()
                };
                let path = workspace.relative(&path).display().to_string();
                let note = format!(
                    "Your progress could not be read ({path}: {error}), so no tick is shown, and none is added until it can be."
                );
                return (unread, Some(note));
            }
        };
        match serde_json::from_slice(&text) {
            Ok(progress) => (progress, None),
            Err(_) => {
                let aside = path.with_extension("json.damaged");
                let kept = fs::rename(&path, &aside).is_ok();
                let kept = if kept {
                    format!(" It is kept as {}.", workspace.relative(&aside).display())
                } else {
                    String::new()
                };
                let note = format!(
                    "The file with your progress was damaged, so your ticks start anew.{kept} Your programs are untouched."
                );
                (Self::default(), Some(note))
            }
        }
    }

    /// Reads the file, changes its content, and replaces it, while every other process of the
    /// course waits. Returns, in words, what could not be read or saved.
    pub fn change(workspace: &Workspace, change: impl FnOnce(&mut Self)) -> Vec<String> {
        let lock = workspace.state().join("progress.lock");
        // If the folder cannot be written to, `save` says so below. A file system may have no
        // locks; then the file is changed without one.
        let _lock = fs::create_dir_all(workspace.state())
            .ok()
            .and_then(|()| lock::wait_for(&lock).ok());
        let (mut progress, unread) = Self::load(workspace);
        change(&mut progress);
        unread.into_iter().chain(progress.save(workspace)).collect()
    }

    /// Replaces the file; returns a note if that fails.
    fn save(&self, workspace: &Workspace) -> Option<String> {
        if self.is_unread {
            return None;
        }
        let failed =
            |error| format!("Your progress could not be saved ({error}). Nothing else is lost.");
        self.replace(workspace).err().map(failed)
    }

    fn replace(&self, workspace: &Workspace) -> Result<()> {
        fs::create_dir_all(workspace.state())?;
        let mut file = tempfile::NamedTempFile::new_in(workspace.state())?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(path(workspace))?;
        Ok(())
    }

    /// The record of `lesson`; an empty one if there is none.
    pub fn of(&self, lesson: &Lesson) -> Record {
        self.lessons.get(&lesson.name).cloned().unwrap_or_default()
    }

    /// Whether every check of `lesson` has held in one run.
    pub fn is_green(&self, lesson: &Lesson) -> bool {
        self.lessons
            .get(&lesson.name)
            .is_some_and(|record| record.green_since.is_some())
    }

    /// The lesson to go on with: the one that was checked last, until it is green, and then the
    /// next after it.
    pub fn next<'a>(&self, lessons: &'a [Lesson]) -> Option<Next<'a>> {
        let named = |lesson: &&Lesson| Some(&lesson.name) == self.at.as_ref();
        // An older file does not say where the learner is; then it is the lesson that became green
        // last.
        let since = |lesson: &&Lesson| self.lessons.get(&lesson.name)?.green_since;
        let here = lessons.iter().find(named);
        let here = here.or_else(|| {
            lessons
                .iter()
                .filter(|l| since(l).is_some())
                .max_by_key(since)
        });
        match here {
            Some(here) if self.is_green(here) => self.next_after(here, lessons),
            Some(here) => Some(Next {
                lesson: here,
                or: None,
            }),
            None => self
                .onward(lessons, 0, |_| true)
                .map(|lesson| Next { lesson, or: None }),
        }
    }

    /// The next lesson after `here` that is not green; if every later one is green, the first that
    /// is not.
    ///
    /// A learner who has skipped a lesson off the short path, and has done none off it, takes the
    /// short path: the next lesson is the next on it. A learner who has neither done nor skipped a
    /// lesson off it is offered both ways.
    pub fn next_after<'a>(&self, here: &Lesson, lessons: &'a [Lesson]) -> Option<Next<'a>> {
        let from = lessons.iter().position(|lesson| lesson.name == here.name);
        let from = from.map_or(0, |here| here + 1);
        let in_order = self.onward(lessons, from, |_| true)?;
        let is_off = |lesson: &&Lesson| !lesson.about.short_path;
        let has_left_it = lessons
            .iter()
            .filter(is_off)
            .any(|lesson| self.is_green(lesson));
        let short = self.onward(lessons, from, |lesson| lesson.about.short_path);
        let short = short.filter(|short| !has_left_it && short.name != in_order.name);
        let last_green = lessons.iter().rposition(|lesson| self.is_green(lesson));
        let has_gone_past = lessons
            .iter()
            .take(last_green.unwrap_or(0))
            .any(|l| is_off(&l));
        Some(match short {
            None => Next {
                lesson: in_order,
                or: None,
            },
            Some(short) if has_gone_past => Next {
                lesson: short,
                or: Some(Or::InOrder(in_order)),
            },
            Some(short) => Next {
                lesson: in_order,
                or: Some(Or::Short(short)),
            },
        })
    }

    /// The first `wanted` lesson that is not green, from index `from` to the end and then from the
    /// start.
    fn onward<'a>(
        &self,
        lessons: &'a [Lesson],
        from: usize,
        wanted: impl Fn(&Lesson) -> bool,
    ) -> Option<&'a Lesson> {
        let (before, after) = lessons.split_at(from);
        let mut round = after.iter().chain(before);
        round.find(|lesson| wanted(lesson) && !self.is_green(lesson))
    }

    /// Records that the learner is at this lesson.
    pub fn go_to(&mut self, lesson: &Lesson) {
        self.at = Some(lesson.name.clone());
    }

    /// Records a complete run. The hints of a check that holds now are closed again.
    pub fn record(&mut self, lesson: &Lesson, run: &[Judged]) {
        self.go_to(lesson);
        let record = self.lessons.entry(lesson.name.clone()).or_default();
        let last = |judged: &Judged| Last {
            check: judged.report.check.clone(),
            word: word(&judged.report.verdict).to_owned(),
            red: judged.is_red(),
            said: said(&judged.report.verdict),
        };
        record.last = run.iter().map(last).collect();
        for judged in run.iter().filter(|judged| judged.is_green()) {
            record.hints.remove(&judged.report.check);
        }
        if is_done(run) {
            record.green_since.get_or_insert_with(now);
        }
    }

    /// Records that the hints in these places have been opened.
    pub fn record_hints(&mut self, lesson: &Lesson, check: &str, places: Vec<usize>) {
        let record = self.lessons.entry(lesson.name.clone()).or_default();
        record.hints.insert(check.to_owned(), Opened(places));
    }
}

/// Whether a run makes its lesson green: at least one check is green, and every other is green or
/// skipped.
pub fn is_done(run: &[Judged]) -> bool {
    use Verdict::{Green, Skipped};
    run.iter().any(Judged::is_green)
        && run
            .iter()
            .all(|judged| matches!(judged.report.verdict, Green | Skipped { .. }))
}

/// The words of a failure that a hint may be about.
fn said(verdict: &Verdict) -> String {
    let Verdict::Red { failure } = verdict else {
        return String::new();
    };
    [&failure.expected, &failure.saw, &failure.why, &failure.look]
        .map(String::as_str)
        .join("\n")
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.state().join("progress.json")
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
