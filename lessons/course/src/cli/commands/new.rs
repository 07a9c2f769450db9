//! `new`: begins a lesson, and says what its author has to do next.

use anyhow::Result;
use course::author::new_lesson::{Kind, NewLesson};
use course::author::todos;
use course::error::Exit;
use course::show::command_hint::{book_hint, command_hint};
use course::show::style::{TYPED, paint};

use crate::cli::args::New;
use crate::cli::course_here::Course;

pub(super) fn run(course: &Course, wanted: New) -> Result<Exit> {
    let New {
        name,
        title,
        part,
        lib,
        server: _,
    } = wanted;
    let kind = if lib { Kind::Library } else { Kind::Server };
    let new = NewLesson::named(&name, title, part, kind, &course.workspace)?;
    let lesson = new.write(&course.workspace)?;
    let package = lesson.package();
    let todos = todos::all(&course.workspace, &lesson)?.len();
    outln!(
        "{package} is begun. It keeps what is promised of a lesson, but that {todos} places say TODO(author)."
    );
    outln!("\nWhat to write, and what to type then:\n");
    let steps = [
        (
            format!("solutions/{name}/src, with markers around what the learner writes"),
            command_hint("stubs"),
        ),
        (
            format!("lessons/{name}/tests/grade.rs, a check for each sentence of the contract"),
            command_hint(&format!("check {package} --solution")),
        ),
        (
            format!("solutions/{name}/mistakes.toml, a wrong program for each check"),
            command_hint(&format!("selfcheck {package} --mistakes")),
        ),
        (
            format!("{}, and both manifests", lesson.chapter().display()),
            book_hint().to_owned(),
        ),
    ];
    for (write, then) in steps {
        outln!("  {write}\n    {}", paint(TYPED, then));
    }
    outln!("\nIn the end, until neither has anything to say:\n");
    for last in [
        format!("selfcheck {package}"),
        format!("flicker {package} 100"),
    ] {
        outln!("    {}", paint(TYPED, command_hint(&last)));
    }
    Ok(Exit::Held)
}
