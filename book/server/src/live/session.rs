//! The reader's session: the lessons, their records, and the live state that shows them.
//!
//! Invariant: ticks and hints stand in the course's own progress file, which the command line reads
//! and writes too. The file is read each time it is needed, and never cached here.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use course::Lesson;
use course::Workspace;
use course::catalog::cards;
use course::grade::run::Judged;
use course::learner::progress::Progress;
use grader::lock;

use super::live_state::{CheckView, CourseView, LessonView, LiveState, NextView};
use super::memory::{Memory, fingerprint};

/// The course, for the one reader of this server.
#[derive(Debug)]
pub(super) struct Session {
    /// Where the course lies.
    pub(super) workspace: Workspace,
    /// Every lesson, in order.
    pub(super) lessons: Vec<Lesson>,
    /// The state that every page shows.
    pub(super) state: LiveState,
    /// The memory for the next run of the server.
    memory: Mutex<Memory>,
}

impl Session {
    /// Opens the session as the last run of the server left it.
    ///
    /// # Errors
    /// When the lessons cannot be listed.
    pub(super) fn open(workspace: Workspace) -> Result<Self> {
        let lessons = Lesson::all(&workspace)?;
        let memory = Memory::load(&workspace);
        let (progress, note) = Progress::load(&workspace);
        let course = CourseView {
            instance: instance(),
            on_save: !memory.only_when_asked,
            watching: String::new(),
            edition: 1,
            fault: String::new(),
            note: note.unwrap_or_default(),
        };
        let views = lessons
            .iter()
            .map(|lesson| view(lesson, &lessons, &progress, &memory));
        Ok(Self {
            state: LiveState::new(course, views.collect()),
            workspace,
            lessons,
            memory: Mutex::new(memory),
        })
    }

    /// The lesson with this number, written as in its folder's name (`06`); no other form is
    /// accepted.
    pub(super) fn lesson(&self, number: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.number() == number)
    }

    /// Reads a lesson's files again after a save. While the lesson is being graded, it is only
    /// marked as stale, so that results that are coming in stay.
    pub(super) fn was_saved(&self, lesson: &Lesson) {
        let is_busy = self
            .state
            .lesson(lesson.number())
            .is_some_and(|view| view.doing.is_some());
        if is_busy {
            self.state.change(lesson.number(), |view| view.stale = true);
        } else {
            self.show_anew(lesson);
        }
    }

    /// Reads the progress again, after another process may have written it.
    pub(super) fn progress_was_saved(&self) {
        let progress = self.progress();
        for lesson in &self.lessons {
            let record = progress.of(lesson);
            let cards = cards::read(&lesson.grader()).unwrap_or_default();
            self.state.change(lesson.number(), |view| {
                view.green = record.green_since.is_some();
                view.next = next(lesson, &self.lessons, &progress);
                for check in &mut view.checks {
                    if let Some(card) = cards.iter().find(|card| card.check == check.check) {
                        let new = CheckView::new(card, &record);
                        (check.hints, check.hints_in_all) = (new.hints, new.hints_in_all);
                    }
                }
            });
        }
    }

    /// Records a complete run of the learner's own program, whose sources had this fingerprint.
    pub(super) fn record(&self, lesson: &Lesson, run: &[Judged], sources: String) {
        self.tell(Progress::change(&self.workspace, |progress| {
            progress.record(lesson, run);
        }));
        self.remember(|memory| {
            let kept = memory.lessons.entry(lesson.name.clone()).or_default();
            kept.run = run.to_vec();
            kept.sources = sources;
        });
        self.show_anew(lesson);
    }

    /// Opens one more hint for `check`; returns whether there is such a check.
    pub(super) fn open_hint(&self, lesson: &Lesson, check: &str) -> bool {
        let cards = cards::read(&lesson.grader()).unwrap_or_default();
        let Some(card) = cards.iter().find(|card| card.check == check) else {
            return false;
        };
        let mut hints = Vec::new();
        self.tell(Progress::change(&self.workspace, |progress| {
            let record = progress.of(lesson);
            let offer = record.offer(card);
            progress.record_hints(lesson, check, offer.places(offer.opened + 1));
            hints = CheckView::new(card, &progress.of(lesson)).hints;
        }));
        self.state.change(lesson.number(), |view| {
            let shown = view.checks.iter_mut().find(|view| view.check == check);
            shown
                .into_iter()
                .for_each(|view| view.hints.clone_from(&hints));
        });
        true
    }

    /// Turns grading on save on or off.
    pub(super) fn grade_on_save(&self, on: bool) {
        self.remember(|memory| memory.only_when_asked = !on);
        self.state.change_course(|course| course.on_save = on);
    }

    /// Records that the reader wants to see the reference although the lesson is not green.
    pub(super) fn compare_before_green(&self, lesson: &Lesson) {
        self.remember(|memory| {
            let kept = memory.lessons.entry(lesson.name.clone()).or_default();
            kept.compared = true;
        });
        self.state
            .change(lesson.number(), |view| view.compared = true);
    }

    /// Rebuilds a lesson's view from its files and its record; the present step, the mistake, the
    /// fault and the warnings stay.
    pub(super) fn show_anew(&self, lesson: &Lesson) {
        let progress = self.progress();
        let memory = self.lock().clone();
        let new = view(lesson, &self.lessons, &progress, &memory);
        self.state.change(lesson.number(), |view| {
            let (doing, mistake, fault) = (view.doing, view.mistake.take(), view.fault.take());
            let warnings = std::mem::take(&mut view.warnings);
            *view = LessonView {
                doing,
                mistake,
                fault,
                warnings,
                ..new
            };
        });
    }

    /// Reads the progress; if some of it was lost, shows a note.
    fn progress(&self) -> Progress {
        let (progress, note) = Progress::load(&self.workspace);
        self.tell(note);
        progress
    }

    /// Shows notes on every page.
    fn tell(&self, notes: impl IntoIterator<Item = String>) {
        let notes: Vec<String> = notes.into_iter().collect();
        if !notes.is_empty() {
            self.state
                .change_course(|course| course.note = notes.join("\n"));
        }
    }

    fn remember(&self, change: impl FnOnce(&mut Memory)) {
        let mut memory = self.lock();
        change(&mut memory);
        if let Err(error) = memory.save(&self.workspace) {
            drop(memory);
            self.tell([format!(
                "What the book shows could not be kept for next time ({error}). Nothing else is lost."
            )]);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        lock(&self.memory)
    }
}

fn view(lesson: &Lesson, lessons: &[Lesson], progress: &Progress, memory: &Memory) -> LessonView {
    let record = progress.of(lesson);
    let kept = memory
        .lessons
        .get(&lesson.name)
        .cloned()
        .unwrap_or_default();
    let sources = lesson.sources().ok();
    let cards = cards::read(&lesson.grader()).unwrap_or_default();
    let checks = cards.iter().map(|card| {
        let last = kept
            .run
            .iter()
            .find(|judged| judged.report.check == card.check);
        CheckView {
            judged: last.cloned(),
            ..CheckView::new(card, &record)
        }
    });
    LessonView {
        number: lesson.number().to_owned(),
        name: lesson.name.clone(),
        green: record.green_since.is_some(),
        begun: sources
            .as_ref()
            .is_some_and(|sources| !lesson.is_untouched(sources).unwrap_or(false)),
        stale: !kept.run.is_empty()
            && sources.as_ref().map(fingerprint).as_ref() != Some(&kept.sources),
        doing: None,
        fault: None,
        warnings: String::new(),
        checks: checks.collect(),
        compared: kept.compared,
        mistake: None,
        next: next(lesson, lessons, progress),
    }
}

/// The lessons to go on with after `lesson`, in the command line's words.
fn next(lesson: &Lesson, lessons: &[Lesson], progress: &Progress) -> Vec<NextView> {
    let Some(next) = progress.next_after(lesson, lessons) else {
        return Vec::new();
    };
    let or = next.or.map(|or| (or.words(), or.lesson()));
    let ways = [("Next", next.lesson)].into_iter().chain(or);
    ways.map(|(words, lesson)| NextView {
        name: lesson.name.clone(),
        title: lesson.about.title.clone(),
        words,
    })
    .collect()
}

/// A number for this run of the server: the time at which it began.
fn instance() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}
