//! The course around the folder that one stands in, as every command finds it.

use anyhow::Result;
use course::catalog::lessons::Lesson;
use course::catalog::workspace::Workspace;
use course::error::Error;
use course::learner::progress::Progress;
use grader::visible;

/// The course as every command finds it.
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

    /// The lesson that was named, or else the one to go on with.
    pub(super) fn lesson(&self, asked: Option<&str>) -> Result<&Lesson, Error> {
        match asked {
            Some(asked) => Lesson::named(asked, &self.lessons),
            None => {
                let next = self.progress().next(&self.lessons);
                next.map(|next| next.lesson).ok_or(Error::AllGreen)
            }
        }
    }

    /// What is remembered; what of it was lost is said.
    pub(super) fn progress(&self) -> Progress {
        let (progress, note) = Progress::load(&self.workspace);
        note.iter().for_each(|note| say(note));
        progress
    }

    /// Remembers; a failure is said, and is no reason to stop.
    pub(super) fn remember(&self, change: impl FnOnce(&mut Progress)) {
        Progress::change(&self.workspace, change)
            .iter()
            .for_each(|note| say(note));
    }
}

/// Says something on the side, where `--json` and pipes do not see it.
fn say(note: &str) {
    errln!("note: {}", visible(note));
}
