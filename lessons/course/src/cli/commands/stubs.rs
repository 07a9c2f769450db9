//! `stubs`: derives `lessons/*/src` from `solutions/*/src`.

use anyhow::{Context, Result};
use course::catalog::sources::Sources;
use course::catalog::stubs;
use course::error::Exit;
use course::learner::backup;
use course::show::compare;
use course::show::style::{TYPED, paint};

use crate::cli::course_here::Course;

pub(super) fn run(course: &Course, check: bool) -> Result<Exit> {
    let mut differ = 0;
    for lesson in &course.lessons {
        let Some(solution) = lesson.reference()? else {
            outln!("{}: the solution is withheld", lesson.package());
            continue;
        };
        let stub =
            stubs::derive(&solution).with_context(|| format!("solutions/{}/src", lesson.name))?;
        let there = Sources::read(&lesson.src())?;
        if there == stub {
            continue;
        }
        differ += 1;
        if check {
            outln!(
                "lessons/{}/src (-) is not what is derived (+):\n",
                lesson.name
            );
            out!("{}", compare::compare(&there, &stub));
        } else {
            let kept = backup::replace(&course.workspace, lesson, &stub)?;
            let kept = kept.map_or(String::new(), |kept| {
                format!(
                    "; the old one is kept in {}",
                    course.workspace.relative(&kept).display()
                )
            });
            outln!("lessons/{}/src is derived anew{kept}", lesson.name);
        }
    }
    if check && differ > 0 {
        outln!("To derive: {}", paint(TYPED, "cargo course stubs"));
        return Ok(Exit::Red);
    }
    if differ == 0 {
        outln!("Every stub is what its solution says.");
    }
    Ok(Exit::Held)
}
