//! `{{#checks LESSON}}`: what `just check` holds the learner to, from the cards of the grader, and
//! the commands to type. Where the book is served live, its panel takes the commands' place.

use course::Lesson;
use course::catalog::cards::{self, Card};

use crate::fault::Problem;
use crate::lessons;
use crate::markdown::{escape, inline};
use crate::page::Page;

/// Renders the checks of the lesson called `name`, in the grader's order.
///
/// # Errors
/// When there is no such lesson, its grader holds no check, or a check has no card.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let lesson = lessons::find(page.repository, name)?;
    let items: Vec<String> = of(&lesson)?.iter().map(item).collect();
    Ok(format!(
        "<ul class=\"checks\" data-lesson=\"{number}\">\n{items}\n</ul>\n\
         <p class=\"checks-commands\">To see what holds, type <code>just check {package}</code>; for one more hint, \
         <code>just hint {package}</code>; to see the reference beside yours, <code>just compare {package}</code>.</p>",
        number = lesson.number(),
        items = items.join("\n"),
        package = lesson.package(),
    ))
}

/// The cards of `lesson`.
pub(crate) fn of(lesson: &Lesson) -> Result<Vec<Card>, Problem> {
    let grader = format!("lessons/{}/tests/grade.rs", lesson.name);
    let cards = cards::read(&lesson.grader()).map_err(|error| lessons::unreadable(&error))?;
    if cards.is_empty() {
        let remedy = "a check is a `#[test] fn` with a doc comment";
        return Err(Problem::new("the grader holds no check", remedy).in_file(grader));
    }
    match cards.iter().find(|card| card.holds.is_empty()) {
        Some(card) => Err(Problem::new(
            format!("the check `{}` has no card", card.check),
            "give it a doc comment: first what must hold, then `# Hint` sections",
        )
        .in_file(grader)),
        None => Ok(cards),
    }
}

/// The anchor of a check's card on the page.
pub(crate) fn id(check: &str) -> String {
    format!("check-{}", check.replace('_', "-"))
}

/// A check's name as words: `accepts every pending client`.
pub(crate) fn sentence(check: &str) -> String {
    check.replace('_', " ")
}

fn item(card: &Card) -> String {
    format!(
        "<li id=\"{}\" data-check=\"{}\"><strong>{}</strong><br>{}</li>",
        escape(&id(&card.check)),
        escape(&card.check),
        escape(&sentence(&card.check)),
        inline(&card.holds),
    )
}
