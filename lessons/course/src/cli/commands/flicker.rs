//! `flicker`: runs a grader many times, half of them on a busy machine, and reports what differed.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, bail};
use course::author::alternatives::Alternative;
use course::author::mistakes::Mistake;
use course::author::selfcheck::{complaint_of_mistake, complaints_of_right_program, grade};
use course::catalog::lessons::Lesson;
use course::error::Exit;
use course::grade::run::Judged;
use course::grade::subject::Subject;
use course::show::report::{seconds, word};
use course::show::style::{BAD, GOOD, STRONG, paint};
use course::system::lock;
use grader::visible;

use crate::cli::commands::busy_cores::BusyCores;
use crate::cli::course_here::Course;
use crate::cli::screen;

pub(super) fn run(
    course: &Course,
    asked: &str,
    runs: usize,
    mistakes: bool,
    alternatives: bool,
) -> Result<Exit> {
    let lesson = course.lesson(Some(asked))?;
    let solution = lesson.reference_for("run")?;
    let _lock = lock::for_check(&course.workspace)?;
    let mut series = Series {
        course,
        runs,
        complaints: 0,
    };
    if !mistakes && !alternatives {
        let subject = Subject::solution(&course.workspace, lesson);
        series.run(&subject, None, |run| {
            complaints_of_right_program(&lesson.name, run)
        })?;
    }
    for mistake in Mistake::all(lesson)?.iter().filter(|_| mistakes) {
        let scratch = mistake.lay_out(&course.workspace, lesson, &solution)?;
        series.run(&scratch.subject, Some(&mistake.red), |run| {
            complaint_of_mistake(mistake, run).into_iter().collect()
        })?;
    }
    for alternative in alternatives_of(lesson, alternatives)? {
        let scratch = alternative.lay_out(&course.workspace, lesson)?;
        series.run(&scratch.subject, None, |run| {
            complaints_of_right_program(&alternative.name, run)
        })?;
    }
    Ok(if series.complaints == 0 {
        Exit::Held
    } else {
        Exit::Red
    })
}

fn alternatives_of(lesson: &Lesson, wanted: bool) -> Result<Vec<Alternative>> {
    if !wanted {
        return Ok(Vec::new());
    }
    let all = Alternative::all(lesson)?;
    if all.is_empty() {
        bail!(
            "{} has no alternative in solutions/{}/alternatives",
            lesson.package(),
            lesson.name
        );
    }
    Ok(all)
}

/// Many runs of one subject after the other.
struct Series<'a> {
    course: &'a Course,
    runs: usize,
    /// How many complaints there were, over all subjects.
    complaints: usize,
}

impl Series<'_> {
    fn run(
        &mut self,
        subject: &Subject,
        only: Option<&str>,
        judge: impl Fn(&[Judged]) -> Vec<String>,
    ) -> Result<()> {
        outln!("{}", paint(STRONG, &subject.package));
        // This first run builds the grader; its verdicts are not counted.
        grade(&self.course.workspace, subject, only)?;
        let mut seen: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
        let mut wrong = Vec::new();
        let begun = Instant::now();
        for number in 1..=self.runs {
            let busy = if number % 2 == 0 {
                Some(BusyCores::begin()?)
            } else {
                None
            };
            let run = grade(&self.course.workspace, subject, only)?;
            let machine = if busy.is_some() {
                "beside busy processes"
            } else {
                "on a quiet machine"
            };
            drop(busy);
            for judged in &run {
                *seen
                    .entry(judged.report.check.clone())
                    .or_default()
                    .entry(word(&judged.report.verdict))
                    .or_default() += 1;
            }
            wrong.extend(
                judge(&run)
                    .into_iter()
                    .map(|complaint| format!("run {number}, {machine}: {complaint}")),
            );
            if screen::is_lively() {
                out!(
                    "\r  {number} of {} runs, {}",
                    self.runs,
                    seconds(begun.elapsed())
                );
                screen::flush();
            }
        }
        self.complaints += wrong.len();
        let wiped = if screen::is_lively() { "\r" } else { "" };
        outln!("{wiped}  {} runs, {}", self.runs, seconds(begun.elapsed()));
        report(&seen, &wrong);
        Ok(())
    }
}

fn report(seen: &BTreeMap<String, BTreeMap<&'static str, usize>>, wrong: &[String]) {
    for (check, words) in seen.iter().filter(|(_, words)| words.len() > 1) {
        let counts: Vec<_> = words
            .iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        outln!("  {} {check}: {}", paint(BAD, "differs"), counts.join(", "));
    }
    for complaint in wrong {
        outln!("  {}", visible(complaint));
    }
    if wrong.is_empty() {
        outln!("  {}", paint(GOOD, "every run as it must be"));
    }
}
