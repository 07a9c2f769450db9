//! The lessons that exist, as the course's own library lists them, for directives that name one.

use course::Lesson;
use course::Workspace;

use crate::fault::Problem;
use crate::repository::{Repository, one_of};

/// Every lesson that has a solution, by number.
///
/// # Errors
/// When a solution's manifest does not say what the lesson is.
pub fn all(repository: &Repository) -> Result<Vec<Lesson>, Problem> {
    let list = || {
        Lesson::all(&Workspace::at(repository.root())).map_err(|error| {
            Problem::new(
                format!("the lessons cannot be listed: {error:#}"),
                "give its [package.metadata.lesson] a title, motto, part, minutes, short-path and learned",
            )
        })
    };
    repository.lessons.get_or_init(list).clone()
}

/// The lesson that `name` means: `06`, `6`, `lesson-06`, `06-echo-server` or `echo-server`.
///
/// # Errors
/// When there is no such lesson.
pub fn find(repository: &Repository, name: &str) -> Result<Lesson, Problem> {
    let lessons = all(repository)?;
    Lesson::named(name, &lessons).cloned().map_err(|_| {
        let known: Vec<String> = lessons.iter().map(|lesson| lesson.name.clone()).collect();
        Problem::new(format!("there is no lesson `{name}`"), one_of(&known))
    })
}

/// What stands where a reference solution would, in a copy of the course whose teacher withholds
/// it.
pub fn withheld(lesson: &Lesson) -> String {
    format!(
        "<p class=\"withheld\">Your copy of the course does not contain the reference solution of lesson {}, \
         from which something would be shown here.</p>",
        lesson.number()
    )
}

/// A failure to read a lesson's files, as a problem.
pub(crate) fn unreadable(error: &anyhow::Error) -> Problem {
    Problem::new(
        format!("{error:#}"),
        "bring the file back with `git checkout`, or mend it",
    )
}
