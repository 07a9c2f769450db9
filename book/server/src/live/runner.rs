//! Grades, one program at a time, on a thread of its own.
//!
//! Invariant: at most one grading is under way. A request to check cancels the running grading, so
//! its programs are ended before the next is begun. A request for a mistake cancels only another
//! mistake, and waits for a check. Of each kind, only the newest request waits.

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

/// A request to grade something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Job {
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

impl Job {
    fn lesson(&self) -> &str {
        match self {
            Self::Check(lesson) | Self::Mistake { lesson, .. } => lesson,
        }
    }
}

/// How a grading came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// Its result is in the live state.
    Told,
    /// It was cancelled, for a newer request or because the reader stopped it.
    BrokenOff,
}

/// Takes requests from the server's handlers, and grades them on its own thread.
#[derive(Debug, Default)]
pub(super) struct Runner {
    queue: Mutex<Queue>,
    job_added: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    /// The newest check that has not been begun.
    check: Option<Job>,
    /// The newest mistake that has not been begun.
    mistake: Option<Job>,
    /// Whether the running grading is that of a mistake.
    meets_a_mistake: bool,
    /// Cancels the running grading; has no effect when nothing runs. [`Runner::next`] replaces it
    /// for each request.
    cancel: Cancel,
}

impl Runner {
    /// Requests a check, in place of the running grading.
    pub(super) fn check(&self, lesson: &Lesson) {
        let mut queue = self.lock();
        queue.cancel.cancel();
        queue.check = Some(Job::Check(lesson.number().to_owned()));
        drop(queue);
        self.job_added.notify_one();
    }

    /// Requests the grading of a mistake, and puts it on the live state with the reader's guess
    /// which check catches it.
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
        let job = Job::Mistake {
            lesson: lesson.number().to_owned(),
            name: mistake.name.clone(),
        };
        if let Some(older) = queue.mistake.replace(job) {
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
        self.job_added.notify_one();
    }

    /// Ends the running grading, and forgets the waiting requests.
    pub(super) fn stop(&self, state: &LiveState) {
        let mut queue = self.lock();
        queue.cancel.cancel();
        queue.check = None;
        if let Some(older) = queue.mistake.take() {
            state.change(older.lesson(), |view| broken_off(view, &older));
        }
    }

    /// Grades one request after the other, for ever.
    pub(super) fn run(&self, session: &Session) {
        loop {
            let (job, cancel) = self.next();
            let Some(lesson) = session.lesson(job.lesson()) else {
                continue;
            };
            let done = whole(|| grade(session, lesson, &job, &cancel));
            session.state.change(lesson.number(), |view| {
                view.doing = None;
                view.checks
                    .iter_mut()
                    .for_each(|check| check.running = false);
                match &done {
                    Ok(Done::Told) => {}
                    Ok(Done::BrokenOff) => broken_off(view, &job),
                    Err(error) => fail(view, &job, plain(&format!("{error:#}")), String::new()),
                }
            });
            if matches!((&job, done), (Job::Check(_), Ok(Done::BrokenOff))) {
                session.show_anew(lesson);
            }
        }
    }

    fn next(&self) -> (Job, Cancel) {
        let mut queue = self.lock();
        loop {
            let job = queue.check.take().or_else(|| queue.mistake.take());
            if let Some(job) = job {
                queue.cancel = Cancel::default();
                queue.meets_a_mistake = matches!(job, Job::Mistake { .. });
                return (job, queue.cancel.clone());
            }
            queue.meets_a_mistake = false;
            queue = self
                .job_added
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

fn grade(session: &Session, lesson: &Lesson, job: &Job, cancel: &Cancel) -> Result<Done> {
    match job {
        Job::Check(_) => check(session, lesson, job, cancel),
        Job::Mistake { name, .. } => mistake(session, lesson, name, cancel),
    }
}

/// Grades the learner's own program, as `cargo course check` does.
fn check(session: &Session, lesson: &Lesson, job: &Job, cancel: &Cancel) -> Result<Done> {
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
            fail(view, job, words, plain(&broken.output));
        }),
        Conclusion::Cancelled => return Ok(Done::BrokenOff),
    }
    Ok(Done::Told)
}

/// Puts an event of grading the learner's program on the live state.
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

/// Grades a mistake by the check that must catch it.
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

/// The words for a mistake that could not be built: they say whose fault that is.
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

/// Shows why there are no verdicts, in the panel or at the mistake that was requested.
fn fail(view: &mut LessonView, job: &Job, words: String, output: String) {
    match job {
        Job::Check(_) => view.fault = Some(GradingFault { words, output }),
        Job::Mistake { .. } => fail_mistake(view, words),
    }
}

fn fail_mistake(view: &mut LessonView, words: String) {
    if let Some(mistake) = &mut view.mistake {
        mistake.fault = words;
    }
}

/// Shows that a mistake's grading was cancelled; a check shows its last results instead.
fn broken_off(view: &mut LessonView, job: &Job) {
    if let Job::Mistake { .. } = job {
        let words = "This was broken off: it was stopped, or something newer was to be graded.";
        fail_mistake(view, words.to_owned());
    }
}

/// Text without colours.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
