//! The last lines of a run: the one step to take next.

use course::catalog::lessons::Lesson;
use course::error::Exit;
use course::grade::compile::{Blame, Broken};
use course::grade::run::Judged;
use course::grade::subject::Subject;
use course::learner::progress::{Next, is_done};
use course::show::command_hint::command_hint;
use course::show::report::{self, paragraph};
use course::show::style::{GOOD, STRONG, TYPED, paint};
use grader::Verdict;

use crate::cli::course_here::Course;
use crate::cli::screen;

/// Whose program is graded. Progress is recorded for the learner's own program only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Learner,
    Another,
}

/// Prints the summary after the lines and the failures of a run.
pub(super) fn after(course: &Course, lesson: &Lesson, author: Author, run: &[Judged]) {
    outln!();
    if is_done(run) {
        green(course, lesson, author, run);
    } else if author == Author::Another {
        let first = if run.iter().any(Judged::is_red) {
            "change the program"
        } else {
            "nothing is red: do what the lines above say"
        };
        outln!("Next: {first}, then type the same command again.");
    } else {
        outln!("Next: {}", next_step(lesson, run));
    }
}

fn next_step(lesson: &Lesson, run: &[Judged]) -> String {
    let command = |arguments: &str| {
        paint(
            TYPED,
            command_hint(&format!("{arguments} {}", lesson.package())),
        )
    };
    let red = run.iter().find_map(|judged| match &judged.report.verdict {
        Verdict::Red { failure } => Some(failure),
        _ => None,
    });
    match red {
        Some(failure) if failure.unwritten.is_some() => {
            format!("write that `todo!`, then {}", command("check"))
        }
        Some(_) => format!("one hint at a time: {}", command("hint")),
        None => format!(
            "nothing is red: do what the lines above say, then {}",
            command("check")
        ),
    }
}

fn green(course: &Course, lesson: &Lesson, author: Author, run: &[Judged]) {
    let held = run.iter().filter(|judged| judged.is_green()).count();
    let skipped = run.len() - held;
    let but = if skipped == 0 {
        String::new()
    } else {
        format!(" {skipped} could not be looked at here.")
    };
    let all = match (held, skipped) {
        (1, 0) => "The check holds.".to_owned(),
        (held, 0) => format!("All {held} checks hold."),
        (held, _) => format!("{held} checks hold.{but}"),
    };
    outln!("{}", paint(STRONG, paint(GOOD, all)));
    if author == Author::Another {
        return;
    }
    outln!(
        "\n{}",
        paragraph(&lesson.about.learned, screen::width(), "")
    );
    let compare = command_hint(&format!("compare {}", lesson.package()));
    outln!("Compare with the reference: {}", paint(TYPED, compare));
    match course.progress().next_after(lesson, &course.lessons) {
        Some(next) => go_on(&next),
        None => outln!("That was the last lesson there is: every one is green."),
    }
}

/// The lesson that comes next, and the one on the other way through the course, where the two part.
pub(super) fn go_on(next: &Next<'_>) {
    let line = |words: &str, lesson: &Lesson| {
        let check = paint(TYPED, command_hint(&format!("check {}", lesson.package())));
        outln!("{words}: {}, {check}", lesson.about.title);
    };
    line("Next", next.lesson);
    if let Some(or) = next.or {
        line(or.words(), or.lesson());
    }
}

/// Prints the words for a learner who has no next lesson to check.
pub(super) fn all_green(course: &Course) -> Exit {
    let last = course.lessons.last().map_or(String::new(), Lesson::package);
    outln!("Every lesson is green.");
    outln!(
        "To check one again, name it: {}",
        paint(TYPED, command_hint(&format!("check {last}")))
    );
    Exit::Held
}

/// Prints whose fault a failed build is. For the learner's own program, cargo's words are usually
/// enough and nothing is printed.
pub(super) fn does_not_compile(lesson: &Lesson, subject: &Subject, broken: &Broken) -> Exit {
    let words = match broken.whose {
        Blame::Program => report::only_sources(subject, lesson, &broken.error),
        whose => report::whose_fault(whose, lesson),
    };
    if !words.is_empty() {
        err!("\n{}", paragraph(&words, screen::width(), ""));
    }
    code(broken.whose)
}

/// The exit code of a program that was not built.
pub(super) fn code(whose: Blame) -> Exit {
    if whose == Blame::Program {
        Exit::Unusable
    } else {
        Exit::CouldNotJudge
    }
}
