//! The words for a learner who has not begun a lesson.

use anyhow::Result;
use course::catalog::lessons::Lesson;
use course::catalog::sources::Todo;
use course::error::Exit;
use course::grade::compile::{self, Built};
use course::grade::diagnostics::Diagnostics;
use course::grade::subject::Subject;
use course::show::command_hint::{book_hint, command_hint};
use course::show::report::paragraph;
use course::show::style::{STRONG, TYPED, paint};
use course::system::process::Cancel;
use grader::visible;

use crate::cli::commands::summary;
use crate::cli::course_here::Course;
use crate::cli::screen;

/// Shows that everything is installed by building the stub, and says where to begin.
pub(super) fn not_started(
    course: &Course,
    lesson: &Lesson,
    subject: &Subject,
    cancel: &Cancel,
) -> Result<Exit> {
    match compile::compile(&course.workspace, subject, Diagnostics::Shown, cancel)? {
        Built::Grader { .. } => {}
        Built::Broken(broken) => return Ok(summary::does_not_compile(lesson, subject, &broken)),
        Built::Cancelled => return Ok(Exit::Red),
    }
    let title = format!("{}  {}", lesson.package(), lesson.about.title);
    outln!("{}\n", paint(STRONG, title));
    outln!("Not started yet. Everything is installed correctly: it waits for you.\n");
    where_to_begin(course, lesson)?;
    Ok(Exit::Red)
}

/// Prints the chapter, the first `todo!`, and the command that grades the lesson.
pub(super) fn where_to_begin(course: &Course, lesson: &Lesson) -> Result<()> {
    let sources = lesson.sources()?;
    step("Read", &lesson.chapter().display().to_string());
    also(&format!(
        "or open the book in a browser: {}",
        paint(TYPED, book_hint())
    ));
    if let Some(todo) = sources.first_todo() {
        step("Write", &place(course, lesson, &todo));
        out!("{}", paragraph(&todo.words, screen::width(), "           "));
    }
    step(
        "Check",
        &command_hint(&format!("check {}", lesson.package())),
    );
    Ok(())
}

/// A place as `FILE:LINE`, which editors and terminals understand.
fn place(course: &Course, lesson: &Lesson, todo: &Todo) -> String {
    let file = lesson.src().join(&todo.file);
    let file = course.workspace.relative(&file).display().to_string();
    format!("{}:{}", visible(&file), todo.line)
}

fn step(verb: &str, what: &str) {
    outln!(
        "  {}  {}",
        paint(STRONG, format!("{verb:<7}")),
        paint(TYPED, what)
    );
}

fn also(words: &str) {
    outln!("           {words}");
}
