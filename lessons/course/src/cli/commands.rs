//! The commands, one file each.

mod break_;
mod busy_cores;
mod check;
mod claim;
mod compare;
mod flicker;
mod hint;
mod ladder;
mod map;
mod measure;
mod new;
mod not_started;
mod reset;
mod selfcheck;
mod stand_on;
mod stubs;
mod summary;
mod watch;

use anyhow::Result;
use course::error::Exit;
use course::system::process;

use crate::cli::args::{Args, Command};
use crate::cli::course_here::Course;

/// Runs the command that was typed; returns the exit code.
pub(crate) fn run(args: Args) -> Result<Exit> {
    let is_watch = matches!(args.command, Some(Command::Watch { .. }));
    process::end_children_when_interrupted(if is_watch { watch::stop } else { || None })?;
    let course = &Course::open()?;
    match args.command {
        None => map::welcome(course),
        Some(Command::Check(check)) => check::run(course, &check),
        Some(Command::Watch { lesson, poll }) => watch::run(course, lesson.as_deref(), poll),
        Some(Command::Hint { lesson, check, all }) => {
            hint::run(course, lesson.as_deref(), check.as_deref(), all)
        }
        Some(Command::Compare { lesson }) => compare::run(course, lesson.as_deref()),
        Some(Command::Reset { lesson, yes }) => reset::run(course, &lesson, yes),
        Some(Command::StandOn { lesson, whose }) => stand_on::run(course, &lesson, whose),
        Some(Command::Progress) => map::progress(course),
        Some(Command::Break { lesson, name }) => break_::run(course, &lesson, name.as_deref()),
        Some(Command::Claim { record: true, .. }) => claim::record(course),
        Some(Command::Claim { check: true, .. }) => claim::check(course),
        Some(Command::Claim { name, .. }) => claim::run(course, name.as_deref()),
        Some(Command::Measure {
            lesson,
            solution,
            json,
        }) => measure::run(course, &lesson, solution, json),
        Some(Command::Ladder { solution, book }) => ladder::run(course, solution, book),
        Some(Command::New(wanted)) => new::run(course, wanted),
        Some(Command::Stubs { check }) => stubs::run(course, check),
        Some(Command::Flicker {
            lesson,
            runs,
            mistakes,
            alternatives,
        }) => flicker::run(course, &lesson, runs, mistakes, alternatives),
        Some(Command::Selfcheck(wanted)) => selfcheck::run(course, &wanted),
        Some(Command::Busy) => busy_cores::run(),
    }
}
