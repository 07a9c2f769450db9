//! What a learner who has not begun a lesson reads.

use anyhow::Result;
use course::compile::{self, Built, Diagnostics};
use course::error::RED;
use course::lessons::Lesson;
use course::process::Cancel;
use course::report::paragraph;
use course::sources::Todo;
use course::style::{STRONG, TYPED, paint};
use course::subject::Subject;
use course::typed::{typed, typed_book};
use grader::visible;

use super::{Course, closing};
use crate::screen;

/// Shows that everything is installed by building the stub, and says where to begin.
pub(super) fn not_started(
    course: &Course,
    lesson: &Lesson,
    subject: &Subject,
    cancel: &Cancel,
) -> Result<u8> {
    match compile::compile(&course.workspace, subject, Diagnostics::Shown, cancel)? {
        Built::Grader { .. } => {}
        Built::Broken(broken) => return Ok(closing::does_not_compile(lesson, subject, &broken)),
        Built::Cancelled => return Ok(RED),
    }
    let title = format!("{}  {}", lesson.package(), lesson.about.title);
    outln!("{}\n", paint(STRONG, title));
    outln!("Not started yet. Everything is installed correctly: it waits for you.\n");
    where_to_begin(course, lesson)?;
    Ok(RED)
}

/// Chapter, first `todo!`, and the command that grades it.
pub(super) fn where_to_begin(course: &Course, lesson: &Lesson) -> Result<()> {
    let sources = lesson.sources()?;
    step("Read", &lesson.chapter().display().to_string());
    also(&format!(
        "or open the book in a browser: {}",
        paint(TYPED, typed_book())
    ));
    if let Some(todo) = sources.first_todo() {
        step("Write", &place(course, lesson, &todo));
        out!("{}", paragraph(&todo.words, screen::width(), "           "));
    }
    step("Check", &typed(&format!("check {}", lesson.package())));
    Ok(())
}

/// A place as editors and terminals understand it.
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
