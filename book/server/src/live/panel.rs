//! The content of a lesson's panel that is not in the live state: the files to write in, and the
//! list of mistakes.

use anyhow::Result;
use course::Lesson;
use course::Workspace;
use course::author::mistakes::Mistake;
use course::catalog::sources::is_crate_root;
use serde_json::{Value, json};

use crate::markdown::blocks;

/// Describes the panel of `lesson`. All HTML in it comes from the course's own files.
///
/// # Errors
/// When the lesson's folder is not complete, or its mistakes cannot be read.
pub(super) fn describe(workspace: &Workspace, lesson: &Lesson) -> Result<Value> {
    let sources = lesson.sources()?;
    let todo = sources.first_todo();
    let mut paths: Vec<_> = sources.0.keys().collect();
    paths.sort_by_key(|path| (!is_crate_root(path), (*path).clone()));
    let files = paths.into_iter().map(|path| {
        let file = lesson.src().join(path);
        let at = todo.as_ref().filter(|todo| todo.file == *path);
        json!({
            "path": workspace.relative(&file),
            "place": file,
            "line": at.map_or(1, |todo| todo.line),
            "todo": at.map(|todo| todo.words.as_str()),
        })
    });
    let mistakes = if lesson.reference()?.is_some() {
        Mistake::all(lesson)?
    } else {
        Vec::new()
    };
    let mistakes = mistakes.iter().map(|mistake| {
        json!({
            "name": mistake.name,
            "words": mistake.name.replace('-', " "),
            "story": blocks(&mistake.story),
        })
    });
    Ok(json!({
        "learned": lesson.about.learned,
        "files": files.collect::<Vec<_>>(),
        "mistakes": mistakes.collect::<Vec<_>>(),
    }))
}
