//! The commands, one file each.

mod check;
mod closing;
mod map;
mod opening;

use anyhow::Result;
use course::error::Error;
use course::lessons::Lesson;
use course::process;
use course::progress::Progress;
use course::workspace::Workspace;

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

    /// The lesson that was named, or else the next that is not green.
    fn lesson(&self, asked: Option<&str>) -> Result<&Lesson, Error> {
        match asked {
            Some(asked) => Lesson::named(asked, &self.lessons),
            None => self.progress().next(&self.lessons).ok_or(Error::AllGreen),
        }
    }

    /// What is remembered; what of it was lost is said.
    fn progress(&self) -> Progress {
        let (progress, note) = Progress::load(&self.workspace);
        note.iter().for_each(say);
        progress
    }

    /// Remembers; a failure is said, and is no reason to stop.
    fn save(&self, progress: &Progress) {
        progress.save(&self.workspace).iter().for_each(say);
    }
}

/// Says something beside the point, where `--json` and pipes do not see it.
fn say(note: &String) {
    anstream::eprintln!("note: {note}");
}

/// Does what was typed; returns the exit code.
pub(crate) fn run(args: Args) -> Result<u8> {
    process::end_children_when_interrupted(|| None)?;
    let course = Course::open()?;
    match args.command {
        None => map::welcome(&course),
        Some(Command::Check(check)) => check::run(&course, &check),
        Some(Command::Progress) => map::progress(&course),
        _ => todo!(),
    }
}
