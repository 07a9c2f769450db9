//! `compare`: how the learner's program and the reference differ.

use anyhow::Result;
use course::catalog::stubs;
use course::error::Exit;
use course::show::compare;

use crate::cli::course_here::Course;
use crate::cli::screen;

pub(super) fn run(course: &Course, asked: Option<&str>) -> Result<Exit> {
    let lesson = course.lesson(asked)?;
    let reference = stubs::without_markers(&lesson.reference_for("compare")?);
    let difference = compare::compare(&lesson.sources()?, &reference);
    if difference.is_empty() {
        outln!(
            "Your {} and the reference are the same, line by line.",
            lesson.package()
        );
    } else {
        screen::page(&difference)?;
    }
    Ok(Exit::Held)
}
