//! `stand-on`: chooses whose floor later lessons stand on.

use anyhow::Result;
use course::error::Error;
use course::floors::{self, Floor};
use course::lock;
use course::process::Cancel;
use course::style::{TYPED, paint};
use course::typed::typed;

use super::{Course, check};
use crate::args::Whose;
use crate::judging::Telling;

pub(super) fn run(course: &Course, asked: &str, whose: Whose) -> Result<u8> {
    let lesson = course.lesson(Some(asked))?;
    let package = lesson.package();
    let floor = match whose {
        Whose::Mine => Floor::Mine,
        Whose::Reference => Floor::Reference,
    };
    if floors::under(&course.workspace, lesson)?.is_none() {
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
        if code != 0 {
            let again = typed(&format!("stand-on {package} mine"));
            outln!(
                "\nNothing was changed: nobody can stand on {package} before every check holds.\nThen: {}",
                paint(TYPED, again)
            );
            return Ok(code);
        }
        outln!();
    }
    let _lock = lock::for_check(&course.workspace)?;
    let changed = floors::put(&course.workspace, lesson, floor)?;
    let (whose, other) = match floor {
        Floor::Mine => ("your own", "reference"),
        Floor::Reference => ("the reference of", "mine"),
    };
    let already = if changed { "" } else { " already" };
    outln!("Later lessons{already} stand on {whose} {package}.");
    outln!(
        "To change that: {}",
        paint(TYPED, typed(&format!("stand-on {package} {other}")))
    );
    Ok(0)
}
