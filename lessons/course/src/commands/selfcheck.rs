//! `selfcheck`: holds stubs, mistakes, alternatives and cards to what is promised of them.

use std::time::Instant;

use anyhow::Result;
use course::alternatives::Alternative;
use course::error::RED;
use course::lessons::Lesson;
use course::mistakes::Mistake;
use course::report::seconds;
use course::selfcheck::{self, Complaint};
use course::style::{BAD, GOOD, paint};
use grader::visible;

use super::Course;
use crate::args::Selfcheck;

pub(super) fn run(course: &Course, wanted: &Selfcheck) -> Result<u8> {
    let all = !(wanted.stubs || wanted.mistakes || wanted.alternatives || wanted.cards);
    let lessons = match &wanted.lesson {
        Some(asked) => vec![course.lesson(Some(asked))?],
        None => course.lessons.iter().collect(),
    };
    let mut tally = Tally::default();
    for lesson in lessons {
        let workspace = &course.workspace;
        if all || wanted.cards {
            tally.promise(lesson, "cards and chapter", || {
                selfcheck::cards(workspace, lesson)
            });
        }
        if all && lesson.about.model.is_some() {
            tally.promise(lesson, "model", || selfcheck::model(workspace, lesson));
        }
        if all || wanted.stubs {
            tally.promise(lesson, "stub", || selfcheck::stub(workspace, lesson));
        }
        if all || wanted.mistakes {
            tally.promise(lesson, "mistakes fit", || selfcheck::mistakes_fit(lesson));
            if lesson.reference()?.is_some() {
                for mistake in Mistake::all(lesson)? {
                    let name = format!("mistake {}", mistake.name);
                    tally.promise(lesson, &name, || {
                        selfcheck::mistake(workspace, lesson, &mistake)
                    });
                }
            }
        }
        if all || wanted.alternatives {
            for alternative in Alternative::all(workspace, lesson)? {
                tally.promise(lesson, &alternative.bench(), || {
                    selfcheck::alternative(workspace, lesson, &alternative)
                });
            }
        }
    }
    Ok(tally.code())
}

/// How many promises were looked at, and how many are broken.
#[derive(Default)]
struct Tally {
    kept: usize,
    broken: usize,
}

impl Tally {
    fn promise(
        &mut self,
        lesson: &Lesson,
        what: &str,
        look: impl FnOnce() -> Result<Vec<Complaint>>,
    ) {
        let begun = Instant::now();
        let complaints = look().unwrap_or_else(|error| vec![format!("{error:#}")]);
        let (word, style) = if complaints.is_empty() {
            ("kept  ", GOOD)
        } else {
            ("broken", BAD)
        };
        outln!(
            "{} {} {what}, {}",
            paint(style, word),
            lesson.package(),
            seconds(begun.elapsed())
        );
        for complaint in &complaints {
            outln!("  {}", visible(complaint).replace('\n', "\n  "));
        }
        if complaints.is_empty() {
            self.kept += 1;
        } else {
            self.broken += 1;
        }
    }

    fn code(&self) -> u8 {
        let Self { kept, broken } = self;
        outln!("\n{kept} promises kept, {broken} broken");
        if *broken == 0 { 0 } else { RED }
    }
}
