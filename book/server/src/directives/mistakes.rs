//! `{{#mistakes LESSON}}`: the plausible wrong programs of a lesson, folded.
//!
//! They show lines of the solution, so they stand after "Compare". The edit that is shown is the
//! real one: each `find` must stand exactly once in the solution, or the book does not build.

use course::Lesson;
use course::author::mistakes::Mistake;
use course::catalog::sources::Sources;
use course::catalog::stubs;
use similar::TextDiff;

use crate::directives::checks::{self, sentence};
use crate::directives::source;
use crate::fault::Problem;
use crate::lessons;
use crate::markdown::{blocks, escape, fence};
use crate::page::Page;
use crate::repository::one_of;

/// The lines around an edit that show where it stands.
const CONTEXT_LINES: usize = 2;

/// Renders the mistakes of the lesson called `name`.
///
/// # Errors
/// When there is no such lesson, it has no mistakes, or one fits neither solution nor grader any
/// more.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let lesson = lessons::find(page.repository, name)?;
    let file = format!("solutions/{}/mistakes.toml", lesson.name);
    let mistakes = Mistake::all(&lesson).map_err(|error| lessons::unreadable(&error))?;
    if mistakes.is_empty() {
        let remedy =
            "describe one in a [[mistake]] with name, story, red, words and [[mistake.edit]]";
        return Err(Problem::new("the lesson has no mistakes", remedy).in_file(file));
    }
    let Some(solution) = lesson
        .reference()
        .map_err(|error| lessons::unreadable(&error))?
    else {
        return Ok(lessons::withheld(&lesson));
    };
    let checks: Vec<String> = checks::of(&lesson)?
        .into_iter()
        .map(|card| card.check)
        .collect();
    let rendered: Result<Vec<String>, Problem> = mistakes
        .iter()
        .map(|mistake| one(&lesson, &solution, &checks, mistake).map_err(|p| p.in_file(&file)))
        .collect();
    Ok(rendered?.join("\n\n"))
}

fn one(
    lesson: &Lesson,
    solution: &Sources,
    checks: &[String],
    mistake: &Mistake,
) -> Result<String, Problem> {
    let Mistake {
        name, story, red, ..
    } = mistake;
    if !checks.contains(red) {
        let what = format!("the mistake `{name}` names the check `{red}`, which does not exist");
        return Err(Problem::new(what, one_of(checks)));
    }
    let wrong = mistake.make(solution).map_err(|error| {
        Problem::new(
            format!("{error:#}"),
            "make `find` fit exactly one place of the solution as it is now",
        )
    })?;
    Ok(format!(
        "<details class=\"mistake\" data-mistake=\"{name}\">\n<summary>{words}</summary>\n{story}\n\n{diff}\n\n\
         <p>Goes red: <strong>{red}</strong>. Try it: <code>just break {package} {name}</code></p>\n</details>",
        name = escape(name),
        words = escape(&name.replace('-', " ")),
        story = blocks(story),
        diff = fence("diff", &diff(solution, &wrong)),
        red = escape(&sentence(red)),
        package = lesson.package(),
    ))
}

/// The lines that differ, file by file, with a little around them; without marker comments.
fn diff(right: &Sources, wrong: &Sources) -> String {
    let (right, wrong) = (stubs::without_markers(right), stubs::without_markers(wrong));
    let mut hunks = Vec::new();
    for (path, text) in &right.0 {
        let before = source::without_anchors(text);
        let after = source::without_anchors(wrong.0.get(path).map_or("", String::as_str));
        let diff = TextDiff::from_lines(&before, &after);
        for hunk in diff
            .unified_diff()
            .context_radius(CONTEXT_LINES)
            .iter_hunks()
        {
            // The first line counts lines of a file that no one has open.
            hunks.push(
                hunk.to_string()
                    .lines()
                    .skip(1)
                    .map(|line| format!("{line}\n"))
                    .collect::<String>(),
            );
        }
    }
    // Between two of them there is more of the file.
    hunks.join("   …\n")
}
