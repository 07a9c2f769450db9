//! `compare`: how the learner's program and the reference differ.

use anyhow::Result;
use course::{compare, stubs};

use super::Course;
use crate::screen;

pub(super) fn run(course: &Course, asked: Option<&str>) -> Result<u8> {
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
    Ok(0)
}
