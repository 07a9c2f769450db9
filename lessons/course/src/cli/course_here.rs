//! The course around the current folder, opened once for every command.

use anyhow::Result;
use course::catalog::lessons::Lesson;
use course::catalog::workspace::Workspace;
use course::error::Error;
use course::learner::progress::Progress;
use grader::visible;

/// The checkout and its lessons.
pub(super) struct Course {
    pub(super) workspace: Workspace,
    pub(super) lessons: Vec<Lesson>,
}

impl Course {
    pub(super) fn open() -> Result<Self> {
        let workspace = Workspace::find()?;
        let lessons = Lesson::all(&workspace)?;
        Ok(Self { workspace, lessons })
    }

    /// The lesson that was named, or the one to go on with if none was.
    pub(super) fn lesson(&self, asked: Option<&str>) -> Result<&Lesson, Error> {
        match asked {
            Some(asked) => Lesson::named(asked, &self.lessons),
            None => {
                let next = self.progress().next(&self.lessons);
                next.map(|next| next.lesson).ok_or(Error::AllGreen)
            }
        }
    }

    /// Reads the progress; if some of it was lost, prints a note.
    pub(super) fn progress(&self) -> Progress {
        let (progress, note) = Progress::load(&self.workspace);
        note.iter().for_each(|note| say(note));
        progress
    }

    /// Changes the progress; if it cannot be saved, prints a note and goes on.
    pub(super) fn remember(&self, change: impl FnOnce(&mut Progress)) {
        Progress::change(&self.workspace, change)
            .iter()
            .for_each(|note| say(note));
    }
}

/// Prints a note on standard error, so that it is in no pipe and in no `--json`.
fn say(note: &str) {
    errln!("note: {}", visible(note));
}
