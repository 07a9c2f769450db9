//! The subject of a grading: the learner's program, the reference, or a scratch package.

use std::path::{Path, PathBuf};

use grader::{Report, Verdict};

use crate::catalog::lessons::Lesson;
use crate::catalog::workspace::Workspace;

/// The cargo feature of a lesson whose last check needs a model of threads.
pub const MODEL: &str = "model";

/// A package with the lesson's grader as its `grade` test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The package's name.
    pub package: String,
    /// The package's folder; its checks run there, as they do under `cargo test`.
    pub folder: PathBuf,
    /// The folder that cargo is called in, from which the compiler names files.
    pub base: PathBuf,
    /// Where the sources came from, when that is not `folder`: for messages to a person.
    pub origin: Option<PathBuf>,
    /// The grader, whose cards say which checks there are.
    pub grader: PathBuf,
    /// The check that needs a second build, with the feature [`MODEL`], if there is one.
    pub model: Option<String>,
    /// The feature to build it with, if any.
    pub feature: Option<&'static str>,
    /// Whether cargo may use downloaded crates only.
    pub offline: bool,
}

impl Subject {
    /// The learner's own program.
    pub fn lesson(workspace: &Workspace, lesson: &Lesson) -> Self {
        Self {
            package: lesson.package(),
            folder: lesson.folder(),
            base: workspace.root().to_owned(),
            origin: None,
            grader: lesson.grader(),
            model: lesson.about.model.clone(),
            feature: None,
            offline: false,
        }
    }

    /// The same subject, built for the check with a model.
    #[must_use]
    pub fn as_model(&self) -> Self {
        Self {
            feature: Some(MODEL),
            ..self.clone()
        }
    }

    /// Changes the place of a `todo!` from the scratch package, which the compiler sees, to the
    /// file that the sources came from.
    pub(crate) fn name_places(&self, report: &mut Report) {
        let Verdict::Red { failure } = &mut report.verdict else {
            return;
        };
        if let (Some(origin), Some(todo)) = (&self.origin, &mut failure.unwritten)
            && let Ok(file) = Path::new(&todo.file).strip_prefix("src")
        {
            todo.file = origin.join(file).display().to_string();
        }
    }

    /// The reference.
    pub fn solution(workspace: &Workspace, lesson: &Lesson) -> Self {
        Self {
            package: lesson.solution_package(),
            folder: lesson.solution(),
            ..Self::lesson(workspace, lesson)
        }
    }
}
