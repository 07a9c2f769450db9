//! `watch`: grades again whenever a file of the lesson is saved.

use std::thread;

use anyhow::{Context, Result};
use course::catalog::lessons::Lesson;
use course::error::Exit;
use course::show::style::{BAD, QUIET, paint};
use course::system::file_watcher::{FileWatcher, RecursiveMode};
use course::system::process::Cancel;
use grader::visible;

use crate::cli::commands::check;
use crate::cli::course_here::Course;
use crate::cli::progress_view::Telling;
use crate::cli::screen;

pub(super) fn run(course: &Course, asked: Option<&str>, poll: bool) -> Result<Exit> {
    let lesson = course.lesson(asked)?;
    lesson.sources()?;
    let saves = FileWatcher::of(&[(lesson.folder(), RecursiveMode::Recursive)], poll)?;
    if !saves.polling_note.is_empty() {
        errln!("note: {}", saves.polling_note);
    }
    loop {
        let cancel = Cancel::default();
        thread::scope(|scope| {
            let run = scope.spawn(|| once(course, lesson, &cancel));
            let saved = saves
                .next()
                .context("the watch on the lesson's files has ended");
            cancel.cancel();
            let _ = run.join();
            saved
        })?
        .missed
        .iter()
        .for_each(|why| errln!("note: a save may go unnoticed ({why})."));
        outln!("\n{}", paint(QUIET, "-".repeat(40)));
        if screen::is_lost() {
            return Ok(Exit::Held);
        }
    }
}

/// Ctrl-C is the normal way to end `watch`, so the exit code is 0.
pub(super) fn stop() -> Option<i32> {
    outln!("\nStopped watching.");
    Some(0)
}

/// Grades once. An error is printed, and `watch` goes on.
fn once(course: &Course, lesson: &Lesson, cancel: &Cancel) -> Exit {
    let code = check::learners(course, lesson, Telling::Lines(""), false, cancel).unwrap_or_else(
        |error| {
            let words = format!("{error:#}");
            errln!("{} {}", paint(BAD, "error:"), visible(&words));
            Exit::CouldNotJudge
        },
    );
    if !cancel.is_cancelled() {
        outln!(
            "\n{}",
            paint(
                QUIET,
                "Watching: save a file to check again, Ctrl-C to stop."
            )
        );
    }
    code
}
