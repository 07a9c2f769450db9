//! `check`: grades a lesson.

use anyhow::Result;
use course::catalog::cards;
use course::catalog::lessons::Lesson;
use course::error::{Error, Exit};
use course::grade::compile::{Blame, Broken};
use course::grade::run::Judged;
use course::grade::scratch_package::{self, ScratchPackage};
use course::grade::subject::Subject;
use course::learner::progress::is_done;
use course::show::command_hint::command_hint;
use course::show::report;
use course::show::report::Reds;
use course::show::style::{QUIET, STRONG, paint};
use course::system::lock;
use course::system::process::Cancel;
use grader::visible;

use crate::cli::args::Check;
use crate::cli::commands::not_started;
use crate::cli::commands::summary::{self, Author};
use crate::cli::course_here::Course;
use crate::cli::progress_view::{self, Outcome, Telling, grade_and_show};
use crate::cli::screen;

pub(super) fn run(course: &Course, check: &Check) -> Result<Exit> {
    let graded = begin(course, check);
    let Err(error) = &graded else {
        return graded;
    };
    // A script that grades a class expects one object for every check, even when nothing could be
    // judged.
    let code = error
        .downcast_ref()
        .map_or(Exit::CouldNotJudge, Error::exit);
    if check.json
        && code == Exit::CouldNotJudge
        && let Ok(lesson) = course.lesson(check.lesson.as_deref())
    {
        let words = format!("{error:#}");
        tell_unjudged(lesson, &words)?;
    }
    graded
}

fn begin(course: &Course, check: &Check) -> Result<Exit> {
    if check.lesson.is_none() && course.progress().next(&course.lessons).is_none() {
        return Ok(summary::all_green(course));
    }
    let lesson = course.lesson(check.lesson.as_deref())?;
    let telling = if check.json {
        Telling::Json(&lesson.name)
    } else {
        Telling::Lines("")
    };
    if let Some(folder) = &check.src {
        let _lock = lock::for_check(&course.workspace)?;
        let (src, sources) = scratch_package::sources_in(folder)?;
        let scratch = ScratchPackage::lay_out(&course.workspace, lesson, "src", &sources)?
            .from(course.workspace.relative(&src).to_owned());
        return grade(course, lesson, &scratch.subject, telling, check.all);
    }
    if check.solution {
        lesson.reference_for("grade")?;
        let _lock = lock::for_check(&course.workspace)?;
        let subject = Subject::solution(&course.workspace, lesson);
        return grade(course, lesson, &subject, telling, check.all);
    }
    learners(course, lesson, telling, check.all, &Cancel::default())
}

/// Grades the learner's own program, or says that it is not begun. With `all`, every failure is
/// shown in full, otherwise only the first.
pub(super) fn learners(
    course: &Course,
    lesson: &Lesson,
    telling: Telling<'_>,
    all: bool,
    cancel: &Cancel,
) -> Result<Exit> {
    let sources = lesson.sources()?;
    let _lock = lock::for_check(&course.workspace)?;
    let subject = Subject::lesson(&course.workspace, lesson);
    if matches!(telling, Telling::Lines(_)) && lesson.is_untouched(&sources)? {
        return not_started::not_started(course, lesson, &subject, cancel);
    }
    grade_until(
        course,
        lesson,
        &subject,
        Author::Learner,
        telling,
        all,
        cancel,
    )
}

/// Grades a program that is not the learner's.
fn grade(
    course: &Course,
    lesson: &Lesson,
    subject: &Subject,
    telling: Telling<'_>,
    all: bool,
) -> Result<Exit> {
    let cancel = Cancel::default();
    grade_until(
        course,
        lesson,
        subject,
        Author::Another,
        telling,
        all,
        &cancel,
    )
}

fn grade_until(
    course: &Course,
    lesson: &Lesson,
    subject: &Subject,
    author: Author,
    telling: Telling<'_>,
    all: bool,
    cancel: &Cancel,
) -> Result<Exit> {
    let heading = heading(course, lesson, subject);
    let telling = if let Telling::Lines(_) = telling {
        Telling::Lines(&heading)
    } else {
        telling
    };
    let run = match grade_and_show(&course.workspace, subject, None, telling, cancel)? {
        Outcome::Judged(run) => run,
        Outcome::DoesNotCompile(broken) => {
            if author == Author::Learner {
                course.remember(|progress| progress.go_to(lesson));
            }
            if let Telling::Json(_) = telling {
                tell_unjudged(lesson, &why_not_judged(lesson, &broken))?;
            }
            return Ok(summary::does_not_compile(lesson, subject, &broken));
        }
        Outcome::Cancelled => return Ok(Exit::Red),
    };
    if author == Author::Learner {
        course.remember(|progress| progress.record(lesson, &run));
    }
    if let Telling::Lines(_) = telling {
        let how = how_to_read_all(lesson, author);
        let reds = if all { Reds::Whole } else { Reds::First(&how) };
        out!("{}", report::details(&run, reds, screen::width()));
        summary::after(course, lesson, author, &run);
    }
    Ok(code(&run))
}

/// Says of every check that it could not be judged, as JSON.
fn tell_unjudged(lesson: &Lesson, reason: &str) -> Result<()> {
    for card in cards::read(&lesson.grader())? {
        let judged = Judged::could_not_judge(&card.check, reason);
        outln!("{}", progress_view::json(&lesson.name, &judged));
    }
    Ok(())
}

fn why_not_judged(lesson: &Lesson, broken: &Broken) -> String {
    match broken.whose {
        Blame::Program => format!("it does not compile: {}", broken.error),
        whose => report::whose_fault(whose, lesson),
    }
}

/// The line after failures that were shortened: how to read them in full.
fn how_to_read_all(lesson: &Lesson, author: Author) -> String {
    let all = "To read these whole as well";
    match author {
        Author::Learner => {
            let check = command_hint(&format!("check {} --all", lesson.package()));
            format!("{all}: {check}")
        }
        Author::Another => format!("{all}, type the same command again, with --all."),
    }
}

fn heading(course: &Course, lesson: &Lesson, subject: &Subject) -> String {
    let name = format!("{}  {}", lesson.package(), lesson.about.title);
    let whose = match &subject.origin {
        Some(origin) => {
            let origin = course.workspace.relative(origin).display().to_string();
            format!("  grading {}", visible(&origin))
        }
        None if subject.package != lesson.package() => format!("  grading {}", subject.package),
        None => String::new(),
    };
    format!("{}{}\n\n", paint(STRONG, name), paint(QUIET, whose))
}

/// The exit code that a run stands for.
pub(super) fn code(run: &[Judged]) -> Exit {
    if run.iter().any(|judged| !judged.broke.is_empty()) {
        Exit::CouldNotJudge
    } else if run.iter().any(Judged::is_red) {
        Exit::Red
    } else if is_done(run) {
        Exit::Held
    } else if run.is_empty() {
        Exit::Unusable
    } else {
        Exit::CouldNotJudge
    }
}
