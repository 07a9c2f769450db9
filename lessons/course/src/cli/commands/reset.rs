//! `reset`: replaces a lesson's `src/` with the stub, and keeps a copy of the old one.

use anyhow::Result;
use course::catalog::lessons::Lesson;
use course::catalog::sources::Sources;
use course::catalog::stubs;
use course::error::{Error, Exit};
use course::learner::backup;
use course::learner::workspace_deps::{self, Floor};
use course::show::command_hint::command_hint;
use course::show::style::{TYPED, paint};
use course::system::lock;

use crate::cli::course_here::Course;
use crate::cli::screen;

pub(super) fn run(course: &Course, asked: &str, yes: bool) -> Result<Exit> {
    let lesson = course.lesson(Some(asked))?;
    let stub = stubs::derive(&lesson.reference_for("reset it to")?)?;
    let _lock = lock::for_check(&course.workspace)?;
    let there = Sources::read(&lesson.src())?;
    if there == stub {
        outln!(
            "{} is already as you first found it. Nothing was changed.",
            lesson.package()
        );
        return Ok(Exit::Held);
    }
    if !there.0.is_empty() && !yes && !may_replace(lesson)? {
        outln!("Nothing was changed.");
        return Ok(Exit::Held);
    }
    // The floor is switched before the sources are replaced, so that no later lesson ever stands on
    // a stub.
    let stood_on = workspace_deps::under(&course.workspace, lesson)? == Some(Floor::Mine);
    if stood_on {
        workspace_deps::put(&course.workspace, lesson, Floor::Reference)?;
        outln!(
            "Later lessons stood on it; they stand on the reference of {} now.",
            lesson.package()
        );
    }
    let kept = backup::replace(&course.workspace, lesson, &stub)?;
    outln!("{} is as you first found it.", lesson.package());
    if let Some(kept) = kept {
        outln!(
            "What you had is kept in {}",
            paint(TYPED, course.workspace.relative(&kept).display())
        );
    }
    if lesson.sources().is_err() {
        let back = format!("git checkout -- lessons/{}", lesson.name);
        outln!(
            "Its Cargo.toml or its checks are still gone. To get them back: {}",
            paint(TYPED, back)
        );
    } else {
        outln!(
            "Next: {}",
            paint(TYPED, command_hint(&format!("check {}", lesson.package())))
        );
    }
    Ok(Exit::Held)
}

fn may_replace(lesson: &Lesson) -> Result<bool> {
    if !screen::can_ask() {
        let again = command_hint(&format!("reset {} --yes", lesson.package()));
        let words = format!(
            "Resetting replaces what you wrote in lessons/{}/src (a copy is kept).\nNobody can be asked here, so say it yourself: {again}",
            lesson.name
        );
        return Err(Error::NeedsYes(words).into());
    }
    let question = format!(
        "Replace what you wrote in lessons/{}/src? A copy is kept. [y/N]",
        lesson.name
    );
    let answer = screen::ask(&question)?.unwrap_or_default();
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}
