//! `{{#lesson LESSON}}`: the small header of a lesson's chapter, with its motto, an estimate of the
//! time, the files to open, and the command that grades it.

use course::Lesson;
use course::catalog::sources::Sources;

use crate::fault::Problem;
use crate::lessons;
use crate::markdown::{escape, fence};
use crate::page::Page;

/// Renders the header of the lesson called `name`.
///
/// # Errors
/// When there is no such lesson, or its solution leaves the learner nothing to write.
pub fn render(page: &Page<'_>, name: &str) -> Result<String, Problem> {
    let lesson = lessons::find(page.repository, name)?;
    let files = files(&lesson)?;
    let files: Vec<String> = files
        .iter()
        .map(|file| format!("<li><code>{}</code></li>", escape(file)))
        .collect();
    Ok(format!(
        "<div class=\"lesson\" data-lesson=\"{number}\">\n<p class=\"motto\">{motto}</p>\n\
         <p>About {duration}, an estimate. You write in</p>\n<ul>\n{files}\n</ul>\n<p>and grade with</p>\n\n{command}\n\n</div>",
        number = lesson.number(),
        motto = escape(&capitalised(&lesson.about.motto)),
        duration = duration(lesson.about.minutes),
        files = files.join("\n"),
        command = fence("sh", &format!("just check {}", lesson.package())),
    ))
}

/// The files in which the learner writes: those whose original holds a marked region. Without the
/// original, every file of the stub.
fn files(lesson: &Lesson) -> Result<Vec<String>, Problem> {
    let named = |sources: &Sources, wanted: fn(&str) -> bool| -> Vec<String> {
        let files = sources.0.iter().filter(|(_, text)| wanted(text));
        files
            .map(|(path, _)| format!("lessons/{}/src/{}", lesson.name, path.display()))
            .collect()
    };
    let Some(solution) = lesson
        .reference()
        .map_err(|error| lessons::unreadable(&error))?
    else {
        let stub = lesson
            .sources()
            .map_err(|error| lessons::unreadable(&error))?;
        return Ok(named(&stub, |_| true));
    };
    let files = named(&solution, |text| {
        let opens = |line: &str| line.starts_with("// todo:") || line.starts_with("// yours:");
        text.lines().map(str::trim_start).any(opens)
    });
    if files.is_empty() {
        return Err(Problem::new(
            format!(
                "solutions/{}/src marks nothing that the learner is to write",
                lesson.name
            ),
            "put `// todo: …` and `// end` around it in the solution",
        ));
    }
    Ok(files)
}

/// `motto` with a capital letter.
pub(crate) fn capitalised(motto: &str) -> String {
    let mut chars = motto.chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), chars.as_str())
    })
}

/// A number of minutes in everyday words.
pub(crate) fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (1, 30) => "an hour and a half".to_owned(),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_duration_is_said_in_words() {
        assert_eq!(duration(20), "20 minutes");
        assert_eq!(duration(90), "an hour and a half");
        assert_eq!(duration(150), "2 h 30 min");
    }
}
