//! `stand-on`: chooses whose floor later lessons stand on, the learner's or the reference's.

use anyhow::Result;
use course::error::{Error, Exit};
use course::learner::workspace_deps::{self, Floor};
use course::show::command_hint::command_hint;
use course::show::style::{TYPED, paint};
use course::system::lock;
use course::system::process::Cancel;

use crate::cli::args::FloorOf;
use crate::cli::commands::check;
use crate::cli::course_here::Course;
use crate::cli::progress_view::Telling;

pub(super) fn run(course: &Course, asked: &str, whose: FloorOf) -> Result<Exit> {
    let lesson = course.lesson(Some(asked))?;
    let package = lesson.package();
    let floor = match whose {
        FloorOf::Mine => Floor::Mine,
        FloorOf::Reference => Floor::Reference,
    };
    if workspace_deps::under(&course.workspace, lesson)?.is_none() {
        return Err(Error::NoFloor { package }.into());
    }
    if floor == Floor::Mine {
        let code = check::learners(
            course,
            lesson,
            Telling::Lines(""),
            false,
            &Cancel::default(),
        )?;
        if code != Exit::Held {
            let again = command_hint(&format!("stand-on {package} mine"));
            outln!(
                "\nNothing was changed: nobody can stand on {package} before every check holds.\nThen: {}",
                paint(TYPED, again)
            );
            return Ok(code);
        }
        outln!();
    }
    let _lock = lock::for_check(&course.workspace)?;
    let changed = workspace_deps::put(&course.workspace, lesson, floor)?;
    let (whose, other) = match floor {
        Floor::Mine => ("your own", "reference"),
        Floor::Reference => ("the reference of", "mine"),
    };
    let already = if changed { "" } else { " already" };
    outln!("Later lessons{already} stand on {whose} {package}.");
    outln!(
        "To change that: {}",
        paint(TYPED, command_hint(&format!("stand-on {package} {other}")))
    );
    Ok(Exit::Held)
}
