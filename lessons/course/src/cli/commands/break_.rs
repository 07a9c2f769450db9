//! `break`: meet a wrong program, and the check that catches it.

use anyhow::Result;
use course::author::mistakes::Mistake;
use course::catalog::cards::{self, Card};
use course::catalog::lessons::Lesson;
use course::error::Exit;
use course::grade::compile::Blame;
use course::show::command_hint::command_hint;
use course::show::report::{self, Reds, paragraph, prose};
use course::show::style::{GOOD, QUIET, STRONG, TYPED, paint};
use course::system::lock;
use course::system::process::Cancel;

use crate::cli::course_here::Course;
use crate::cli::progress_view::{Outcome, Telling, grade_and_show};
use crate::cli::screen;

pub(super) fn run(course: &Course, asked: &str, name: Option<&str>) -> Result<Exit> {
    let lesson = course.lesson(Some(asked))?;
    let solution = lesson.reference_for("break")?;
    let mistakes = Mistake::all(lesson)?;
    let Some(name) = name else {
        return Ok(list(lesson, &mistakes));
    };
    let mistake = Mistake::named(name, &mistakes, lesson)?;
    let _lock = lock::for_check(&course.workspace)?;
    outln!(
        "{}\n\n{}",
        paint(STRONG, &mistake.name),
        prose(&mistake.story, screen::width(), "  ")
    );
    let guess = guess(&cards::read(&lesson.grader())?)?;
    let scratch = mistake.lay_out(&course.workspace, lesson, &solution)?;
    let run = match grade_and_show(
        &course.workspace,
        &scratch.subject,
        Some(&mistake.red),
        Telling::Lines(""),
        &Cancel::default(),
    )? {
        Outcome::Judged(run) => run,
        Outcome::DoesNotCompile(broken) => return Ok(does_not_compile(lesson, broken.whose)),
        Outcome::Cancelled => return Ok(Exit::Held),
    };
    out!("{}", report::details(&run, Reds::Whole, screen::width()));
    if !run.iter().all(course::grade::run::Judged::is_red) {
        outln!("\nIt should have gone red, and did not. Your own program has not been touched.");
        return Ok(Exit::CouldNotJudge);
    }
    if let Some(guess) = guess {
        outln!("\n{}", answer(&guess, mistake));
    }
    let more = paint(TYPED, command_hint(&format!("break {}", lesson.package())));
    outln!("\nThat was the reference, made wrong; your own program is untouched. More: {more}");
    Ok(Exit::Held)
}

/// Says whose fault it is that the wrong program does not build; it is never the learner's.
fn does_not_compile(lesson: &Lesson, whose: Blame) -> Exit {
    let words = match whose {
        Blame::Program => "This is a fault of the course: the wrong program does not compile. Your own has not been touched.".to_owned(),
        whose => report::whose_fault(whose, lesson),
    };
    err!("\n{}", paragraph(&words, screen::width(), ""));
    Exit::CouldNotJudge
}

fn list(lesson: &Lesson, mistakes: &[Mistake]) -> Exit {
    if mistakes.is_empty() {
        outln!("{} has no mistakes to meet yet.", lesson.package());
        return Exit::Held;
    }
    outln!(
        "{}\n",
        paint(STRONG, format!("Wrong programs of {}", lesson.package()))
    );
    for mistake in mistakes {
        outln!("  {}", paint(TYPED, &mistake.name));
        let story = mistake
            .story
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let first = story.split_inclusive(". ").next().unwrap_or_default();
        out!("{}", paragraph(first.trim_end(), screen::width(), "    "));
    }
    let meet = command_hint(&format!("break {} {}", lesson.package(), mistakes[0].name));
    outln!("\nTo meet one: {}", paint(TYPED, meet));
    Exit::Held
}

/// Asks which check goes red, where somebody can answer.
fn guess(cards: &[Card]) -> Result<Option<String>> {
    if !screen::can_ask() {
        return Ok(None);
    }
    outln!("Which check goes red?\n");
    for (number, card) in (1..).zip(cards) {
        outln!("  {number:>2}  {}", card.check);
    }
    let answer = screen::ask("\nA number, or Enter to see:")?.unwrap_or_default();
    outln!();
    let chosen = answer
        .parse::<usize>()
        .ok()
        .and_then(|number| cards.get(number.checked_sub(1)?));
    Ok(chosen.map(|card| card.check.clone()))
}

fn answer(guess: &str, mistake: &Mistake) -> String {
    if guess == mistake.red {
        paint(GOOD, "You said so: this is the check that catches it.")
    } else {
        format!(
            "You said {}; {} catches it.",
            paint(QUIET, guess),
            mistake.red
        )
    }
}
