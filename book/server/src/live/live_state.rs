//! The live state: all that open pages show of the course as a whole and of each lesson's checks.
//!
//! A page is sent the state, never single steps: a page that comes late, comes back, or was slow is
//! sent all that has changed since the last number it has seen. So all pages agree, and nothing is
//! queued for a page that sleeps.
//!
//! Invariant: the number grows with each change and with nothing else; a page that has seen a
//! number has been sent every change up to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use course::catalog::cards::Card;
use course::grade::run::Judged;
use course::learner::progress::Record;
use grader::lock;
use serde::Serialize;
use tokio::sync::watch;

use crate::directives::checks::sentence;

/// The part of the state that every page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct CourseView {
    /// Tells this run of the server from the one before.
    pub(super) instance: u64,
    /// Whether a save is graded.
    pub(super) on_save: bool,
    /// How saves are noticed, in words; empty where the system tells of them.
    pub(super) watching: String,
    /// Grows with each edition of the book.
    pub(super) edition: u64,
    /// Why the book as it is now does not build; empty when it does.
    pub(super) fault: String,
    /// A note about a minor failure, progress that could not be saved for example; empty if there
    /// was none.
    pub(super) note: String,
}

/// The part of the state that a lesson's chapter shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct LessonView {
    /// `06`.
    pub(super) number: String,
    /// The chapter's name, `06-echo-server`.
    pub(super) name: String,
    /// Whether every check has held in one run, now or before.
    pub(super) green: bool,
    /// Whether something has been written.
    pub(super) begun: bool,
    /// Whether the program was saved since it was graded.
    pub(super) stale: bool,
    /// The step of a grading that is under way for this lesson; the runner sets and clears it.
    pub(super) doing: Option<Doing>,
    /// Why the last grading came to no verdicts, if it did not.
    pub(super) fault: Option<GradingFault>,
    /// The compiler's warnings of the last grading; may be empty.
    pub(super) warnings: String,
    /// Every check, in the order of the grader.
    pub(super) checks: Vec<CheckView>,
    /// Whether the reader has chosen to see the reference before the lesson was green.
    pub(super) compared: bool,
    /// The mistake that was met last.
    pub(super) mistake: Option<MistakeView>,
    /// The lesson that comes after this one, and the one on the other way through the course, where
    /// the two part; empty when every lesson is green.
    pub(super) next: Vec<NextView>,
}

/// A lesson to go on to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct NextView {
    /// Its chapter's name.
    pub(super) name: String,
    /// Its title.
    pub(super) title: String,
    /// The beginning of the sentence that names it.
    pub(super) words: &'static str,
}

/// A step of a grading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Doing {
    /// Another process of the course grades in this checkout.
    Waiting,
    /// Cargo is at work.
    Building,
    /// The checks run.
    Running,
    /// The last check is built with a model of threads.
    Model,
    /// A mistake is built and graded.
    Mistake,
}

/// A grading that came to no verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct GradingFault {
    /// The words that say why.
    pub(super) words: String,
    /// What cargo said; may be empty.
    pub(super) output: String,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct CheckView {
    /// Its name.
    pub(super) check: String,
    /// Its name as words.
    pub(super) sentence: String,
    /// Whether it waits for its turn or runs.
    pub(super) running: bool,
    /// Its result, if it has one.
    pub(super) judged: Option<Judged>,
    /// The hints that were opened, as HTML.
    pub(super) hints: Vec<String>,
    /// How many hints there are.
    pub(super) hints_in_all: usize,
}

/// A mistake that was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct MistakeView {
    /// Its name.
    pub(super) name: String,
    /// The check that the reader expects to go red; empty if they did not say.
    pub(super) guess: String,
    /// The check that catches it.
    pub(super) red: String,
    /// Its result, once it has one.
    pub(super) judged: Option<Judged>,
    /// Why there is none, if there will be none.
    pub(super) fault: String,
}

impl CheckView {
    /// A check that has not run, with the hints of it that are opened.
    pub(super) fn new(card: &Card, record: &Record) -> Self {
        let offer = record.offer(card);
        let opened = offer.hints().take(offer.opened);
        Self {
            check: card.check.clone(),
            sentence: sentence(&card.check),
            running: false,
            judged: None,
            hints: opened
                .map(|hint| crate::markdown::blocks(&hint.words))
                .collect(),
            hints_in_all: offer.len(),
        }
    }
}

/// The state, and the number of its last change.
#[derive(Debug)]
pub(super) struct LiveState {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    number: u64,
    /// The view, and the number of its last change.
    course: (u64, CourseView),
    /// The view and the number of its last change, by the lesson's number.
    lessons: BTreeMap<String, (u64, LessonView)>,
}

/// A part of the state, as it is sent to a page.
#[derive(Debug)]
pub(super) struct News {
    /// `course` or `lesson`.
    pub(super) kind: &'static str,
    /// The part, in JSON.
    pub(super) json: String,
}

impl LiveState {
    pub(super) fn new(course: CourseView, lessons: Vec<LessonView>) -> Self {
        let lessons = lessons
            .into_iter()
            .map(|lesson| (lesson.number.clone(), (1, lesson)));
        let state = State {
            number: 1,
            course: (1, course),
            lessons: lessons.collect(),
        };
        Self {
            state: Mutex::new(state),
            changed: watch::Sender::new(1),
        }
    }

    /// A receiver that is notified of every change from now on.
    pub(super) fn listen(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Changes the part that every page shows.
    pub(super) fn change_course(&self, change: impl FnOnce(&mut CourseView)) {
        let mut state = self.lock();
        let mut view = state.course.1.clone();
        change(&mut view);
        if view != state.course.1 {
            state.number += 1;
            state.course = (state.number, view);
        }
        self.tell(state);
    }

    /// Changes the part that a lesson's chapter shows; has no effect if there is no such lesson.
    pub(super) fn change(&self, number: &str, change: impl FnOnce(&mut LessonView)) {
        let mut state = self.lock();
        let State {
            number: now,
            lessons,
            ..
        } = &mut *state;
        if let Some((heard, view)) = lessons.get_mut(number) {
            let mut new = view.clone();
            change(&mut new);
            if new != *view {
                *now += 1;
                (*heard, *view) = (*now, new);
            }
        }
        self.tell(state);
    }

    /// The part that the chapter of lesson `number` shows now.
    pub(super) fn lesson(&self, number: &str) -> Option<LessonView> {
        self.lock()
            .lessons
            .get(number)
            .map(|(_, view)| view.clone())
    }

    /// Whether a save is graded.
    pub(super) fn is_on_save(&self) -> bool {
        self.lock().course.1.on_save
    }

    /// Every part that has changed since the number `heard`, and the number to pass next time.
    pub(super) fn since(&self, heard: u64) -> (u64, Vec<News>) {
        let state = self.lock();
        let mut news = Vec::new();
        if state.course.0 > heard {
            news.push(News::of("course", &state.course.1));
        }
        let changed = state.lessons.values().filter(|(number, _)| *number > heard);
        news.extend(changed.map(|(_, lesson)| News::of("lesson", lesson)));
        (state.number, news)
    }

    /// Wakes the listeners, after the lock has been released.
    fn tell(&self, state: MutexGuard<'_, State>) {
        let number = state.number;
        drop(state);
        self.changed.send_if_modified(|told| {
            let is_new = *told < number;
            *told = number.max(*told);
            is_new
        });
    }

    /// Views are replaced whole, so a panic leaves a state that is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl News {
    fn of(kind: &'static str, view: &impl Serialize) -> Self {
        // Names, numbers and text: there is nothing here that JSON could not hold.
        let json = serde_json::to_string(view).unwrap_or_default();
        Self { kind, json }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> LiveState {
        let course = CourseView {
            instance: 1,
            on_save: true,
            watching: String::new(),
            edition: 1,
            fault: String::new(),
            note: String::new(),
        };
        let lesson = |number: &str| LessonView {
            number: number.into(),
            name: format!("{number}-lesson"),
            green: false,
            begun: true,
            stale: false,
            doing: None,
            fault: None,
            warnings: String::new(),
            checks: Vec::new(),
            compared: false,
            mistake: None,
            next: Vec::new(),
        };
        LiveState::new(course, vec![lesson("01"), lesson("02")])
    }

    fn kinds(news: &[News]) -> Vec<&str> {
        news.iter().map(|news| news.kind).collect()
    }

    #[test]
    fn who_comes_first_hears_everything_and_then_only_what_changed() {
        let state = state();
        let (heard, news) = state.since(0);
        assert_eq!(kinds(&news), ["course", "lesson", "lesson"]);
        state.change("02", |lesson| lesson.green = true);
        let (heard, news) = state.since(heard);
        assert_eq!(kinds(&news), ["lesson"]);
        assert!(news[0].json.contains("\"02\""));
        assert!(state.since(heard).1.is_empty());
    }

    #[test]
    fn what_changes_nothing_wakes_nobody() {
        let state = state();
        let listener = state.listen();
        state.change("01", |lesson| lesson.green = false);
        state.change("17", |lesson| lesson.green = true);
        state.change_course(|course| course.on_save = true);
        assert!(!listener.has_changed().unwrap());
        state.change_course(|course| course.on_save = false);
        assert!(listener.has_changed().unwrap());
    }
}
