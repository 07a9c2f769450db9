//! Grades, one program at a time, on a thread of its own.
//!
//! Invariant: at most one grading is under way. A wish to check cancels what runs, so the programs
//! of an older grading are ended before the next is begun; a wish to meet a mistake cancels only
//! another mistake, and waits for a check. Of each kind the newest wish waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use course::Lesson;
use course::Workspace;
use course::author::mistakes::Mistake;
use course::error::Error;
use course::grade::compile::{Blame, Broken};
use course::grade::diagnostics::Diagnostics;
use course::grade::run::Event;
use course::grade::session::{Conclusion, GradeSession, When};
use course::grade::subject::Subject;
use course::learner::progress::Record;
use course::show::report;
use course::system::lock;
use course::system::process::Cancel;
use grader::lock;

use super::console::whole;
use super::live_state::{CheckView, Doing, GradingFault, LessonView, LiveState, MistakeView};
use super::memory::fingerprint;
use super::session::Session;

/// How often the checkout's lock is tried while another process grades.
const TRY_EVERY: Duration = Duration::from_millis(200);

/// Something to be graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The learner's program of the lesson with this number.
    Check(String),
    /// A mistake of it.
    Mistake {
        /// The lesson's number.
        lesson: String,
        /// The mistake's name.
        name: String,
    },
}

impl Wish {
    fn lesson(&self) -> &str {
        match self {
            Self::Check(lesson) | Self::Mistake { lesson, .. } => lesson,
        }
    }
}

/// How a grading came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// What came of it is on the state.
    Told,
    /// Something newer was to be graded.
    BrokenOff,
}

/// What is wished for, and the way to end what runs.
#[derive(Debug, Default)]
pub(super) struct Runner {
    queue: Mutex<Queue>,
    wished: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    /// The newest check that has not been begun.
    check: Option<Wish>,
    /// The newest mistake that has not been begun.
    mistake: Option<Wish>,
    /// Whether what runs now is a mistake.
    meets_a_mistake: bool,
    /// Ends what runs now, or would end nothing.
    cancel: Cancel,
}

impl Runner {
    /// Wishes for a check.
    pub(super) fn check(&self, lesson: &Lesson) {
        let mut queue = self.lock();
        queue.cancel.cancel();
        queue.check = Some(Wish::Check(lesson.number().to_owned()));
        drop(queue);
        self.wished.notify_one();
    }

    /// Wishes to meet a mistake, with the reader's guess which check catches it, and says so on the
    /// state.
    pub(super) fn meet(
        &self,
        state: &LiveState,
        lesson: &Lesson,
        mistake: &Mistake,
        guess: String,
    ) {
        let mut queue = self.lock();
        if queue.meets_a_mistake {
            queue.cancel.cancel();
        }
        let wish = Wish::Mistake {
            lesson: lesson.number().to_owned(),
            name: mistake.name.clone(),
        };
        if let Some(older) = queue.mistake.replace(wish) {
            state.change(older.lesson(), |view| broken_off(view, &older));
        }
        state.change(lesson.number(), |view| {
            view.mistake = Some(MistakeView {
                name: mistake.name.clone(),
                guess,
                red: mistake.red.clone(),
                judged: None,
                fault: String::new(),
            });
        });
        drop(queue);
        self.wished.notify_one();
    }

    /// Ends what runs, and forgets what waits.
    pub(super) fn stop(&self, state: &LiveState) {
        let mut queue = self.lock();
        queue.cancel.cancel();
        queue.check = None;
        if let Some(older) = queue.mistake.take() {
            state.change(older.lesson(), |view| broken_off(view, &older));
        }
    }

    /// Grades whatever is wished for, for ever.
    pub(super) fn run(&self, session: &Session) {
        loop {
            let (wish, cancel) = self.next();
            let Some(lesson) = session.lesson(wish.lesson()) else {
                continue;
            };
            let done = whole(|| grade(session, lesson, &wish, &cancel));
            session.state.change(lesson.number(), |view| {
                view.doing = None;
                view.checks
                    .iter_mut()
                    .for_each(|check| check.running = false);
                match &done {
                    Ok(Done::Told) => {}
                    Ok(Done::BrokenOff) => broken_off(view, &wish),
                    Err(error) => fail(view, &wish, plain(&format!("{error:#}")), String::new()),
                }
            });
            if matches!((&wish, done), (Wish::Check(_), Ok(Done::BrokenOff))) {
                session.show_anew(lesson);
            }
        }
    }

    fn next(&self) -> (Wish, Cancel) {
        let mut queue = self.lock();
        loop {
            let wish = queue.check.take().or_else(|| queue.mistake.take());
            if let Some(wish) = wish {
                queue.cancel = Cancel::default();
                queue.meets_a_mistake = matches!(wish, Wish::Mistake { .. });
                return (wish, queue.cancel.clone());
            }
            queue.meets_a_mistake = false;
            queue = self
                .wished
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

fn grade(session: &Session, lesson: &Lesson, wish: &Wish, cancel: &Cancel) -> Result<Done> {
    match wish {
        Wish::Check(_) => check(session, lesson, wish, cancel),
        Wish::Mistake { name, .. } => mistake(session, lesson, name, cancel),
    }
}

/// Grades the learner's own program, as `cargo course check` does.
fn check(session: &Session, lesson: &Lesson, wish: &Wish, cancel: &Cancel) -> Result<Done> {
    let state = &session.state;
    state.change(lesson.number(), |view| view.fault = None);
    let sources = fingerprint(&lesson.sources()?);
    let Some(_lock) = the_checkout(&session.workspace, state, lesson, cancel)? else {
        return Ok(Done::BrokenOff);
    };
    state.change(lesson.number(), |view| view.doing = Some(Doing::Building));
    let subject = Subject::lesson(&session.workspace, lesson);
    let grading = GradeSession {
        workspace: &session.workspace,
        subject: &subject,
        only: None,
        model: When::OthersHold,
        diagnostics: Diagnostics::Collected,
    };
    let conclusion = grading.run(cancel, &mut |event| hear(state, lesson, &event))?;
    match conclusion {
        Conclusion::Judged(run) => session.record(lesson, &run, sources),
        Conclusion::Broken(broken) => state.change(lesson.number(), |view| {
            let words = report::whose_fault(broken.whose, lesson);
            fail(view, wish, words, plain(&broken.output));
        }),
        Conclusion::Cancelled => return Ok(Done::BrokenOff),
    }
    Ok(Done::Told)
}

/// Puts on the state what happens to the learner's program.
fn hear(state: &LiveState, lesson: &Lesson, event: &Event<'_>) {
    let number = lesson.number();
    match event {
        Event::Built { checks, warnings } => state.change(number, |view| {
            view.doing = Some(Doing::Running);
            view.warnings = plain(warnings);
            let shown = |check: &str| view.checks.iter().find(|view| view.check == check);
            let checks = checks.iter().map(|card| CheckView {
                running: true,
                hints: shown(&card.check).map_or(Vec::new(), |view| view.hints.clone()),
                ..CheckView::new(card, &Record::default())
            });
            view.checks = checks.collect();
        }),
        Event::Model(_) => state.change(number, |view| view.doing = Some(Doing::Model)),
        Event::Judged(judged) => state.change(number, |view| {
            let mut checks = view.checks.iter_mut();
            if let Some(check) = checks.find(|check| check.check == judged.report.check) {
                check.running = false;
                check.judged = Some((*judged).clone());
            }
        }),
        Event::Waiting { .. } => {}
    }
}

/// Grades the reference, made wrong, by the check that is to catch it.
fn mistake(session: &Session, lesson: &Lesson, name: &str, cancel: &Cancel) -> Result<Done> {
    let state = &session.state;
    let mistakes = Mistake::all(lesson)?;
    let mistake = Mistake::named(name, &mistakes, lesson)?;
    let solution = lesson.reference_for("break")?;
    let Some(_lock) = the_checkout(&session.workspace, state, lesson, cancel)? else {
        return Ok(Done::BrokenOff);
    };
    state.change(lesson.number(), |view| view.doing = Some(Doing::Mistake));
    let scratch = mistake.lay_out(&session.workspace, lesson, &solution)?;
    let grading = GradeSession {
        workspace: &session.workspace,
        subject: &scratch.subject,
        only: Some(&mistake.red),
        model: When::OthersHold,
        diagnostics: Diagnostics::Collected,
    };
    match grading.run(cancel, &mut |_| {})? {
        Conclusion::Judged(run) => state.change(lesson.number(), |view| {
            let judged = run
                .into_iter()
                .find(|judged| judged.report.check == mistake.red);
            if judged.is_none() {
                fail_mistake(view, format!("{} has no result", mistake.red));
            }
            view.mistake
                .iter_mut()
                .for_each(|view| view.judged.clone_from(&judged));
        }),
        Conclusion::Broken(Broken { whose, output, .. }) => {
            let words = not_built(whose, lesson);
            return Err(anyhow!("{words}\n\n{output}"));
        }
        Conclusion::Cancelled => return Ok(Done::BrokenOff),
    }
    Ok(Done::Told)
}

/// What is to be said of a mistake that was not built. Only what the compiler has against a line of
/// the wrong program is that program's fault; of everything else the reader is told whose it is.
fn not_built(whose: Blame, lesson: &Lesson) -> String {
    match whose {
        Blame::Program => {
            "This is a fault of the course: the wrong program does not compile.".to_owned()
        }
        Blame::Grader => format!(
            "The checks do not compile, so nothing can be said of the mistake.\n\
             Were they changed? git checkout -- lessons/{}/tests",
            lesson.name
        ),
        Blame::Course | Blame::Crates | Blame::Disk | Blame::Linker | Blame::Machine => {
            report::whose_fault(whose, lesson)
        }
    }
}

/// Takes the checkout's lock, waiting for another process of the course; `None` when cancelled.
fn the_checkout(
    workspace: &Workspace,
    state: &LiveState,
    lesson: &Lesson,
    cancel: &Cancel,
) -> Result<Option<std::fs::File>> {
    loop {
        match lock::for_check(workspace) {
            Err(Error::AlreadyRunning { .. }) if cancel.is_cancelled() => return Ok(None),
            Err(Error::AlreadyRunning { .. }) => {
                state.change(lesson.number(), |view| view.doing = Some(Doing::Waiting));
                thread::sleep(TRY_EVERY);
            }
            other => return Ok(Some(other?)),
        }
    }
}

/// Shows why there are no verdicts, where the wish was made.
fn fail(view: &mut LessonView, wish: &Wish, words: String, output: String) {
    match wish {
        Wish::Check(_) => view.fault = Some(GradingFault { words, output }),
        Wish::Mistake { .. } => fail_mistake(view, words),
    }
}

fn fail_mistake(view: &mut LessonView, words: String) {
    if let Some(mistake) = &mut view.mistake {
        mistake.fault = words;
    }
}

/// Shows that something newer came in between. A check is shown anew with its last results.
fn broken_off(view: &mut LessonView, wish: &Wish) {
    if let Wish::Mistake { .. } = wish {
        let words = "This was broken off: it was stopped, or something newer was to be graded.";
        fail_mistake(view, words.to_owned());
    }
}

/// Text without colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
