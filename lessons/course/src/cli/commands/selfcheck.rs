//! `selfcheck`: holds stubs, mistakes, alternatives and cards to what is promised of them.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use course::author::alternatives::Alternative;
use course::author::mistakes::Mistake;
use course::author::selfcheck::{self, Complaint, Graded};
use course::catalog::lessons::Lesson;
use course::error::Exit;
use course::show::report::seconds;
use course::show::style::{BAD, GOOD, paint};
use course::system::in_order::{Heard, in_order};
use grader::visible;

use crate::cli::args::Selfcheck;
use crate::cli::course_here::Course;
use crate::cli::progress_view;
use crate::cli::screen;

/// How many promises are checked at the same time, for each core: a check mostly waits.
const PER_CORE: usize = 2;

pub(super) fn run(course: &Course, wanted: &Selfcheck) -> Result<Exit> {
    let lessons = match &wanted.lesson {
        Some(asked) => vec![course.lesson(Some(asked))?],
        None => course.lessons.iter().collect(),
    };
    let mut promises = Vec::new();
    for lesson in lessons {
        promises.extend(promises_of(course, lesson, wanted)?);
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let looks = in_order(
        promises.len(),
        PER_CORE * cores,
        |worker, promise| Some(promises[promise].look(worker)),
        |heard| match heard {
            Heard::Waiting { job, done } => {
                let Promise { lesson, what, .. } = &promises[job];
                let of = promises.len();
                screen::tell(&format!("{done} of {of}: {} {what}", lesson.package()));
            }
            Heard::Done { job, result } => {
                screen::wipe();
                if wanted.json {
                    tell_in_json(&promises[job], result);
                } else {
                    tell(&promises[job], result);
                }
            }
        },
    )?;
    let broken = looks.iter().filter(|look| !look.is_kept()).count();
    let kept = looks.len() - broken;
    if !wanted.json {
        outln!("\n{kept} promises kept, {broken} broken");
    }
    Ok(if broken == 0 { Exit::Held } else { Exit::Red })
}

/// One promise about a lesson.
struct Promise<'a> {
    lesson: &'a Lesson,
    /// What the promise is about, as printed in its line.
    what: String,
    /// Finds out whether it is kept. The number is that of the worker thread, so that two workers
    /// never share a scratch package.
    look: Box<dyn Fn(usize) -> Result<Graded> + Send + Sync + 'a>,
}

impl<'a> Promise<'a> {
    fn new(
        lesson: &'a Lesson,
        what: &str,
        look: impl Fn(usize) -> Result<Graded> + Send + Sync + 'a,
    ) -> Self {
        Self {
            lesson,
            what: what.to_owned(),
            look: Box::new(look),
        }
    }

    fn look(&self, worker: usize) -> Look {
        let begun = Instant::now();
        let graded = (self.look)(worker).unwrap_or_else(|error| Graded {
            complaints: vec![format!("{error:#}")],
            run: Vec::new(),
        });
        Look {
            graded,
            took: begun.elapsed(),
        }
    }
}

/// The result of checking one promise.
struct Look {
    graded: Graded,
    took: Duration,
}

impl Look {
    fn is_kept(&self) -> bool {
        self.graded.complaints.is_empty()
    }
}

fn promises_of<'a>(
    course: &'a Course,
    lesson: &'a Lesson,
    wanted: &Selfcheck,
) -> Result<Vec<Promise<'a>>> {
    let all = !(wanted.reference
        || wanted.stubs
        || wanted.mistakes
        || wanted.alternatives
        || wanted.cards);
    let workspace = &course.workspace;
    let mut promises = Vec::new();
    if all || wanted.cards {
        promises.push(Promise::new(lesson, "cards and chapter", move |_| {
            selfcheck::cards(workspace, lesson).map(without_a_run)
        }));
    }
    if all || wanted.reference {
        promises.push(Promise::new(lesson, "reference", move |_| {
            selfcheck::reference(workspace, lesson)
        }));
    }
    if all || wanted.stubs {
        promises.push(Promise::new(lesson, "stub", move |_| {
            selfcheck::stub(workspace, lesson)
        }));
    }
    if all || wanted.mistakes {
        promises.push(Promise::new(lesson, "mistakes fit", move |_| {
            selfcheck::mistakes_fit(lesson).map(without_a_run)
        }));
        // A mistake is an edit of the reference; if that is withheld, there are none.
        let mistakes = match lesson.reference()? {
            Some(_) => Mistake::all(lesson)?,
            None => Vec::new(),
        };
        for mistake in mistakes {
            let what = format!("mistake {}", mistake.name);
            promises.push(Promise::new(lesson, &what, move |worker| {
                let package = format!("mistake-{worker}");
                selfcheck::mistake(workspace, lesson, &mistake, &package)
            }));
        }
    }
    if all || wanted.alternatives {
        for alternative in Alternative::all(lesson)? {
            promises.push(Promise::new(lesson, &alternative.package(), move |_| {
                selfcheck::alternative(workspace, lesson, &alternative)
            }));
        }
    }
    Ok(promises)
}

/// The result of a promise for which no program was graded.
fn without_a_run(complaints: Vec<Complaint>) -> Graded {
    Graded {
        complaints,
        run: Vec::new(),
    }
}

/// Each verdict as `check --json` has it, with the program that it is about.
fn tell_in_json(promise: &Promise<'_>, look: &Look) {
    for judged in &look.graded.run {
        let mut verdict = serde_json::json!({ "program": promise.what });
        let judged = progress_view::json(&promise.lesson.name, judged);
        if let (Some(verdict), Ok(serde_json::Value::Object(judged))) =
            (verdict.as_object_mut(), serde_json::from_str(&judged))
        {
            verdict.extend(judged);
        }
        outln!("{verdict}");
    }
    for complaint in &look.graded.complaints {
        errln!(
            "{} {}: {}",
            promise.lesson.package(),
            promise.what,
            visible(complaint)
        );
    }
}

fn tell(promise: &Promise<'_>, look: &Look) {
    let (word, style) = if look.is_kept() {
        ("kept  ", GOOD)
    } else {
        ("broken", BAD)
    };
    outln!(
        "{} {} {}, {}",
        paint(style, word),
        promise.lesson.package(),
        promise.what,
        seconds(look.took)
    );
    for complaint in &look.graded.complaints {
        outln!("  {}", visible(complaint).replace('\n', "\n  "));
    }
}
