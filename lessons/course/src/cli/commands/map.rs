//! The map of the course: a welcome when no command is given, and `progress`, with the learner's
//! ticks.

use anyhow::Result;
use course::catalog::lessons::{Lesson, PARTS};
use course::error::Exit;
use course::grade::compile::Blame;
use course::grade::run::Judged;
use course::grade::subject::Subject;
use course::learner::progress::{Progress, is_done};
use course::show::command_hint::command_hint;
use course::show::report::{self, Reds, paragraph};
use course::show::style::{BAD, GOOD, QUIET, STRONG, TYPED, paint};
use course::system::lock;
use course::system::process::Cancel;

use crate::cli::commands::check;
use crate::cli::commands::not_started;
use crate::cli::commands::summary;
use crate::cli::course_here::Course;
use crate::cli::progress_view::{Outcome, Telling, grade_and_show};
use crate::cli::screen;

/// Proves that the course works on this machine, shows the map, and says where to begin.
pub(super) fn welcome(course: &Course) -> Result<Exit> {
    let Some(first) = course.lessons.first() else {
        return Ok(Exit::CouldNotJudge);
    };
    let lock = lock::for_check(&course.workspace)?;
    let subject = Subject::solution(&course.workspace, first);
    match grade_and_show(
        &course.workspace,
        &subject,
        None,
        Telling::Quietly,
        &Cancel::default(),
    )? {
        Outcome::Judged(run) if is_done(&run) => it_works(first, &run),
        Outcome::Judged(run) => return Ok(does_not_work(first, &run)),
        Outcome::DoesNotCompile(broken) => return Ok(does_not_build(first, broken.whose)),
        Outcome::Cancelled => return Ok(Exit::Red),
    }
    drop(lock);
    let progress = course.progress();
    draw(course, &progress);
    match progress.next(&course.lessons).map(|next| next.lesson) {
        Some(next) => {
            let verb = if next.name == first.name {
                "Begin"
            } else {
                "Go on"
            };
            outln!(
                "{}\n",
                paint(STRONG, format!("{verb} with {}", next.package()))
            );
            not_started::where_to_begin(course, next)?;
        }
        None => outln!("Every lesson is green."),
    }
    Ok(Exit::Held)
}

fn it_works(first: &Lesson, run: &[Judged]) {
    let held = run.iter().filter(|judged| judged.is_green()).count();
    let checks = if held == 1 {
        "check holds"
    } else {
        "checks hold"
    };
    let words = format!(
        "The course works on this machine: {held} {checks} for the reference of {}.",
        first.package()
    );
    out!("{}", paint(GOOD, paragraph(&words, screen::width(), "")));
    let skipped = run
        .iter()
        .filter(|judged| !judged.is_green())
        .cloned()
        .collect::<Vec<_>>();
    out!(
        "{}",
        report::details(&skipped, Reds::Whole, screen::width())
    );
}

fn does_not_work(first: &Lesson, run: &[Judged]) -> Exit {
    let words = format!(
        "The reference of {} should be green, and is not on this machine:",
        first.package()
    );
    outln!("{}", paint(BAD, words));
    out!("{}", report::details(run, Reds::Whole, screen::width()));
    let again = format!("check {} --solution", first.package());
    let words = "The course needs Linux (or WSL 2) with /proc readable and TCP on 127.0.0.1. \
                 Close whatever uses much memory or many open files, and look again:";
    outln!(
        "\n{}{}",
        paragraph(words, screen::width(), ""),
        paint(TYPED, command_hint(&again))
    );
    check::code(run)
}

fn does_not_build(first: &Lesson, whose: Blame) -> Exit {
    let words = match whose {
        Blame::Crates | Blame::Disk | Blame::Linker => report::whose_fault(whose, first),
        Blame::Program | Blame::Grader | Blame::Course | Blame::Machine => format!(
            "The reference of {} does not build on this machine; what cargo says stands above. Most often \
             the Rust toolchain is too old (rustup update).",
            first.package()
        ),
    };
    errln!("\n{}", paragraph(&words, screen::width(), ""));
    Exit::CouldNotJudge
}

/// `progress`: the map with ticks.
pub(super) fn progress(course: &Course) -> Result<Exit> {
    let progress = course.progress();
    draw(course, &progress);
    match progress.next(&course.lessons) {
        Some(next) => summary::go_on(&next),
        None => outln!("Every lesson is green."),
    }
    Ok(Exit::Held)
}

fn draw(course: &Course, progress: &Progress) {
    out!("{}", drawn(&course.lessons, progress, screen::width()));
}

/// The map, in lines of at most `width` columns.
fn drawn(lessons: &[Lesson], progress: &Progress, width: usize) -> String {
    let mut text = String::new();
    for (number, (part, about)) in (1..).zip(PARTS) {
        let mut of_it = lessons
            .iter()
            .filter(|lesson| lesson.about.part == number)
            .peekable();
        if of_it.peek().is_none() {
            continue;
        }
        let heading = paragraph(&format!("{part}: {about}"), width, "");
        // Colours are added after wrapping, which would count their bytes as columns.
        let heading = heading.replacen(part, &paint(STRONG, part), 1);
        text += &format!("\n{heading}\n");
        for lesson in of_it {
            text += &entry(lesson, progress, width);
        }
    }
    let done = lessons
        .iter()
        .filter(|lesson| progress.is_green(lesson))
        .count();
    let short: Vec<_> = lessons
        .iter()
        .filter(|lesson| lesson.about.short_path)
        .map(Lesson::number)
        .collect();
    let words = format!(
        "{done} of {} lessons are green (✓). The short path: {}. Minutes are estimates.",
        lessons.len(),
        short.join(", ")
    );
    text += &format!("\n{}\n", paint(QUIET, paragraph(&words, width, "  ")));
    text
}

/// Tick, number, title, minutes and motto on one line, or on several if the line is too narrow.
fn entry(lesson: &Lesson, progress: &Progress, width: usize) -> String {
    /// The column where titles begin.
    const INDENT: usize = 9;
    let tick = if progress.is_green(lesson) {
        paint(GOOD, "✓")
    } else {
        " ".to_owned()
    };
    let number = lesson.number();
    let about = &lesson.about;
    let minutes = format!("{:>3} min", about.minutes);
    let columns = INDENT + 20 + 1 + minutes.len() + 2 + about.motto.chars().count();
    if columns <= width {
        let (minutes, motto) = (paint(QUIET, minutes), paint(QUIET, &about.motto));
        return format!(
            "  {tick}  {number}  {:<20} {minutes}  {motto}\n",
            about.title
        );
    }
    let below = " ".repeat(INDENT);
    let title = paragraph(
        &format!("{}, {}", about.title, minutes.trim()),
        width,
        &below,
    );
    let motto = paint(QUIET, paragraph(&about.motto, width, &below));
    format!("  {tick}  {number}  {}{motto}", &title[INDENT..])
}

#[cfg(test)]
mod tests {
    use course::Workspace;

    use super::*;

    #[test]
    fn the_map_fits_its_width() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let lessons = Lesson::all(&Workspace::around(here).unwrap()).unwrap();
        for width in [30, 40, 60, 80] {
            let map = drawn(&lessons, &Progress::default(), width);
            let plain = anstream::adapter::strip_str(&map).to_string();
            for line in plain.lines() {
                let columns = line.chars().count();
                assert!(columns <= width, "{columns} of {width} columns: {line}");
            }
            for lesson in &lessons {
                assert!(plain.contains(lesson.number()), "{plain}");
                let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.contains(&lesson.about.motto), "{plain}");
            }
        }
    }
}
