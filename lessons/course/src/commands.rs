//! The commands, one file each.

mod break_;
mod busy;
mod check;
mod claim;
mod closing;
mod compare;
mod flicker;
mod hint;
mod ladder;
mod map;
mod measure;
mod opening;
mod reset;
mod selfcheck;
mod stand_on;
mod stubs;
mod watch;

use anyhow::Result;
use course::error::Error;
use course::lessons::Lesson;
use course::process;
use course::progress::Progress;
use course::workspace::Workspace;
use grader::visible;

use crate::args::{Args, Command};

/// The course as every command finds it.
pub(crate) struct Course {
    pub(crate) workspace: Workspace,
    pub(crate) lessons: Vec<Lesson>,
}

impl Course {
    fn open() -> Result<Self> {
        let workspace = Workspace::find()?;
        let lessons = Lesson::all(&workspace)?;
        Ok(Self { workspace, lessons })
    }

    /// The lesson that was named, or else the one to go on with.
    fn lesson(&self, asked: Option<&str>) -> Result<&Lesson, Error> {
        match asked {
            Some(asked) => Lesson::named(asked, &self.lessons),
            None => {
                let next = self.progress().next(&self.lessons);
                next.map(|next| next.lesson).ok_or(Error::AllGreen)
            }
        }
    }

    /// What is remembered; what of it was lost is said.
    fn progress(&self) -> Progress {
        let (progress, note) = Progress::load(&self.workspace);
        note.iter().for_each(|note| say(note));
        progress
    }

    /// Remembers; a failure is said, and is no reason to stop.
    fn remember(&self, change: impl FnOnce(&mut Progress)) {
        Progress::change(&self.workspace, change)
            .iter()
            .for_each(|note| say(note));
    }
}

/// Says something on the side, where `--json` and pipes do not see it.
fn say(note: &str) {
    errln!("note: {}", visible(note));
}

/// Does what was typed; returns the exit code.
pub(crate) fn run(args: Args) -> Result<u8> {
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
        Some(Command::Stubs { check }) => stubs::run(course, check),
        Some(Command::Flicker {
            lesson,
            runs,
            mistakes,
            alternatives,
        }) => flicker::run(course, &lesson, runs, mistakes, alternatives),
        Some(Command::Selfcheck(wanted)) => selfcheck::run(course, &wanted),
        Some(Command::Busy) => busy::run(),
    }
}
