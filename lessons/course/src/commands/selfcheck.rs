//! `selfcheck`: holds stubs, mistakes, alternatives and cards to what is promised of them.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use course::alternatives::Alternative;
use course::error::RED;
use course::in_order::{Heard, in_order};
use course::lessons::Lesson;
use course::mistakes::Mistake;
use course::report::seconds;
use course::selfcheck::{self, Complaint};
use course::style::{BAD, GOOD, paint};
use grader::visible;

use super::Course;
use crate::args::Selfcheck;
use crate::screen;

/// How many promises are looked at side by side, for each core: most of the time a check waits.
const PER_CORE: usize = 2;

pub(super) fn run(course: &Course, wanted: &Selfcheck) -> Result<u8> {
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
                tell(&promises[job], result);
            }
        },
    )?;
    let broken = looks.iter().filter(|look| !look.is_kept()).count();
    let kept = looks.len() - broken;
    outln!("\n{kept} promises kept, {broken} broken");
    Ok(if broken == 0 { 0 } else { RED })
}

/// Something that is promised of a lesson.
struct Promise<'a> {
    lesson: &'a Lesson,
    /// What it is about, as its line says.
    what: String,
    /// Finds out whether it is kept; the number tells workers apart that look at the same time.
    look: Box<dyn Fn(usize) -> Result<Vec<Complaint>> + Send + Sync + 'a>,
}

impl<'a> Promise<'a> {
    fn new(
        lesson: &'a Lesson,
        what: &str,
        look: impl Fn(usize) -> Result<Vec<Complaint>> + Send + Sync + 'a,
    ) -> Self {
        Self {
            lesson,
            what: what.to_owned(),
            look: Box::new(look),
        }
    }

    fn look(&self, worker: usize) -> Look {
        let begun = Instant::now();
        let complaints = (self.look)(worker).unwrap_or_else(|error| vec![format!("{error:#}")]);
        Look {
            complaints,
            took: begun.elapsed(),
        }
    }
}

/// What came of looking whether a promise is kept.
struct Look {
    complaints: Vec<Complaint>,
    took: Duration,
}

impl Look {
    fn is_kept(&self) -> bool {
        self.complaints.is_empty()
    }
}

fn promises_of<'a>(
    course: &'a Course,
    lesson: &'a Lesson,
    wanted: &Selfcheck,
) -> Result<Vec<Promise<'a>>> {
    let all = !(wanted.stubs || wanted.mistakes || wanted.alternatives || wanted.cards);
    let workspace = &course.workspace;
    let mut promises = Vec::new();
    if all || wanted.cards {
        promises.push(Promise::new(lesson, "cards and chapter", move |_| {
            selfcheck::cards(workspace, lesson)
        }));
    }
    if all && lesson.about.model.is_some() {
        promises.push(Promise::new(lesson, "model", move |_| {
            selfcheck::model(workspace, lesson)
        }));
    }
    if all || wanted.stubs {
        promises.push(Promise::new(lesson, "stub", move |_| {
            selfcheck::stub(workspace, lesson)
        }));
    }
    if all || wanted.mistakes {
        promises.push(Promise::new(lesson, "mistakes fit", move |_| {
            selfcheck::mistakes_fit(lesson)
        }));
        // Without the reference there is nothing to make wrong.
        let mistakes = match lesson.reference()? {
            Some(_) => Mistake::all(lesson)?,
            None => Vec::new(),
        };
        for mistake in mistakes {
            let what = format!("mistake {}", mistake.name);
            promises.push(Promise::new(lesson, &what, move |worker| {
                let bench = format!("mistake-{worker}");
                selfcheck::mistake(workspace, lesson, &mistake, &bench)
            }));
        }
    }
    if all || wanted.alternatives {
        for alternative in Alternative::all(workspace, lesson)? {
            promises.push(Promise::new(lesson, &alternative.bench(), move |_| {
                selfcheck::alternative(workspace, lesson, &alternative)
            }));
        }
    }
    Ok(promises)
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
    for complaint in &look.complaints {
        outln!("  {}", visible(complaint).replace('\n', "\n  "));
    }
}
