//! `{{#map}}` and `{{#short-path}}`: the lessons that have a chapter, from SUMMARY.md and the
//! lessons' own descriptions. A lesson that does not exist yet cannot be named here.

use std::path::Path;

use course::Lesson;

use crate::directives::lesson::{capitalised, duration};
use crate::fault::Problem;
use crate::lessons;
use crate::markdown::escape;
use crate::page::{Entry, Page};

/// Renders every lesson that has a chapter, under the part it belongs to.
///
/// # Errors
/// When a lesson is not described, or the directive is given an argument.
pub fn render(page: &Page<'_>, argument: &str) -> Result<String, Problem> {
    no_argument(argument)?;
    let lessons = lessons::all(page.repository)?;
    let mut map = String::new();
    let mut open = false;
    let mut part = None;
    for entry in page.contents {
        match entry {
            Entry::Part(title) => {
                close(&mut map, &mut open);
                part = Some(title);
            }
            Entry::Chapter(path) => {
                let Some(lesson) = lesson_of(&lessons, path) else {
                    continue;
                };
                if let Some(title) = part.take() {
                    map += &format!("<p class=\"map-part\">{}</p>\n", escape(title));
                }
                if !open {
                    map += "<ul class=\"map\">\n";
                    open = true;
                }
                map += &item(lesson);
            }
        }
    }
    close(&mut map, &mut open);
    if map.is_empty() {
        map += "<p class=\"map-part\">The first lesson is being written.</p>\n";
    }
    Ok(format!("<div class=\"map\">\n{map}</div>"))
}

/// Renders the lessons for a reader in a hurry, and what they take together.
///
/// # Errors
/// When a lesson is not described, or the directive is given an argument.
pub fn short_path(page: &Page<'_>, argument: &str) -> Result<String, Problem> {
    no_argument(argument)?;
    let lessons = lessons::all(page.repository)?;
    let chapters = page.contents.iter().filter_map(|entry| match entry {
        Entry::Chapter(path) => lesson_of(&lessons, path).filter(|lesson| lesson.about.short_path),
        Entry::Part(_) => None,
    });
    let (mut links, mut minutes) = (Vec::new(), 0);
    for lesson in chapters {
        links.push(link(lesson));
        minutes += lesson.about.minutes;
    }
    if links.is_empty() {
        return Ok(String::new());
    }
    let path = links.join(", then ");
    Ok(format!(
        "<p class=\"short-path\"><strong>The short path.</strong> If you are in a hurry, take {path}: about {} in all.</p>",
        duration(minutes)
    ))
}

fn lesson_of<'a>(lessons: &'a [Lesson], chapter: &Path) -> Option<&'a Lesson> {
    let stem = chapter.file_stem()?.to_str()?;
    lessons.iter().find(|lesson| lesson.name == stem)
}

fn link(lesson: &Lesson) -> String {
    format!(
        "<a href=\"{}.md\">{} {}</a>",
        escape(&lesson.name),
        lesson.number(),
        escape(&lesson.about.title)
    )
}

fn item(lesson: &Lesson) -> String {
    format!(
        "<li data-lesson=\"{}\">{} <span class=\"map-minutes\">about {}</span><br><span class=\"motto\">{}</span></li>\n",
        lesson.number(),
        link(lesson),
        duration(lesson.about.minutes),
        escape(&capitalised(&lesson.about.motto)),
    )
}

fn close(map: &mut String, open: &mut bool) {
    if std::mem::take(open) {
        map.push_str("</ul>\n");
    }
}

/// Refuses an argument where none is expected.
fn no_argument(argument: &str) -> Result<(), Problem> {
    if argument.is_empty() {
        return Ok(());
    }
    Err(Problem::new(
        format!("`{argument}` is one word too many"),
        "this directive takes no argument",
    ))
}
