//! `hint`: shows one more hint each time it is called.

use anyhow::Result;
use course::catalog::cards::{self, Card, Offer};
use course::catalog::lessons::Lesson;
use course::error::{Error, Exit};
use course::learner::progress::Record;
use course::show::command_hint::command_hint;
use course::show::report::prose;
use course::show::style::{QUIET, STRONG, TYPED, paint};

use crate::cli::course_here::Course;
use crate::cli::screen;

pub(super) fn run(
    course: &Course,
    asked: Option<&str>,
    check: Option<&str>,
    all: bool,
) -> Result<Exit> {
    let lesson = course.lesson(asked)?;
    lesson.sources()?;
    let cards = cards::read(&lesson.grader())?;
    let record = course.progress().of(lesson);
    let Some(card) = choose(&cards, &record, check, lesson)? else {
        return Ok(nothing_to_hint_at(lesson, &record));
    };
    let offer = record.offer(card);
    let now = if all {
        offer.len()
    } else {
        (offer.opened + 1).min(offer.len())
    };
    let holds = record
        .last
        .iter()
        .any(|last| last.check == card.check && !last.red);
    show(card, &offer, now);
    next(lesson, now == offer.len(), holds);
    course.remember(|progress| progress.record_hints(lesson, &card.check, offer.places(now)));
    Ok(Exit::Held)
}

/// The check that was named, or the first that was red in the last run.
fn choose<'a>(
    cards: &'a [Card],
    record: &Record,
    check: Option<&str>,
    lesson: &Lesson,
) -> Result<Option<&'a Card>> {
    let find = |name: &str| cards.iter().find(|card| card.check == name);
    match check {
        Some(name) => find(name).map(Some).ok_or_else(|| {
            let all = cards.iter().map(|card| card.check.clone()).collect();
            Error::UnknownCheck {
                asked: name.to_owned(),
                package: lesson.package(),
                all,
            }
            .into()
        }),
        None => Ok(record
            .last
            .iter()
            .filter(|last| last.red)
            .find_map(|last| find(&last.check))),
    }
}

fn nothing_to_hint_at(lesson: &Lesson, record: &Record) -> Exit {
    let check = paint(TYPED, command_hint(&format!("check {}", lesson.package())));
    if record.last.is_empty() {
        outln!(
            "Hints are for the first red check of your last run, and {} has not been run yet.",
            lesson.package()
        );
        outln!("First: {check}");
        return Exit::Unusable;
    }
    outln!(
        "Nothing was red when {} was last checked.",
        lesson.package()
    );
    outln!("To look again: {check}");
    Exit::Held
}

fn show(card: &Card, offer: &Offer<'_>, now: usize) {
    let width = screen::width();
    outln!(
        "{}\n\n{}",
        paint(STRONG, &card.check),
        prose(&card.holds, width, "  ")
    );
    for (index, hint) in offer.hints().enumerate().take(now) {
        let label = format!("Hint {} of {}", index + 1, offer.len());
        let is_new = index >= offer.opened.min(now - 1);
        outln!("{}", paint(if is_new { STRONG } else { QUIET }, label));
        outln!("{}", prose(&hint.words, width, "  "));
    }
}

/// Says what to do next: try again while the check does not hold, compare once it does.
fn next(lesson: &Lesson, was_last: bool, holds: bool) {
    let package = lesson.package();
    let command = |what: &str| paint(TYPED, command_hint(&format!("{what} {package}")));
    if was_last {
        outln!(
            "That was the last hint. The chapter: {}",
            lesson.chapter().display()
        );
    }
    if holds {
        outln!("Next: {}", command("compare"));
    } else {
        outln!("Next: try it, then {}", command("check"));
    }
}
