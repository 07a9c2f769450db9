//! What is promised of every lesson, as far as it can be looked at without building programs. The
//! rest is in `cargo course selfcheck`, which `.ci/run` runs.
//!
//! Nothing here looks at `lessons/*/src`: filling in a lesson never turns these red.

use std::fs;
use std::path::Path;

use course::Lesson;
use course::Workspace;
use course::author::alternatives::Alternative;
use course::author::selfcheck::{self, Complaint};
use course::catalog::cards;
use course::catalog::sources::Sources;
use course::catalog::stubs;

fn workspace() -> Workspace {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Workspace::around(here).unwrap()
}

fn hold(promise: impl Fn(&Workspace, &Lesson) -> anyhow::Result<Vec<Complaint>>) {
    let workspace = workspace();
    let mut complaints = Vec::new();
    for lesson in Lesson::all(&workspace).unwrap() {
        let found = promise(&workspace, &lesson).unwrap_or_else(|error| vec![format!("{error:#}")]);
        complaints.extend(
            found
                .into_iter()
                .map(|complaint| format!("{}: {complaint}", lesson.name)),
        );
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_check_has_a_card_with_two_hints_and_every_lesson_a_chapter() {
    hold(selfcheck::cards);
}

#[test]
fn every_mistake_fits_and_every_check_is_the_named_red_of_one() {
    hold(|_, lesson| selfcheck::mistakes_fit(lesson));
}

#[test]
fn a_stub_is_derived_from_every_solution() {
    hold(|_, lesson| {
        let Some(solution) = lesson.reference()? else {
            return Ok(Vec::new());
        };
        stubs::derive(&solution)?;
        Ok(Vec::new())
    });
}

#[test]
fn an_alternative_brings_only_what_differs_from_the_reference() {
    hold(|_, lesson| {
        let reference = Sources::read(&lesson.solution().join("src"))?;
        let reference = stubs::without_markers(&reference);
        let mut complaints = Vec::new();
        for alternative in Alternative::all(lesson)? {
            let brought = stubs::without_markers(&Sources::read(&alternative.src)?);
            let same = brought
                .0
                .iter()
                .filter(|it| reference.0.get(it.0) == Some(it.1));
            complaints.extend(same.map(|(path, _)| {
                let path = path.display();
                format!(
                    "alternative {} brings {path}, which is the reference's",
                    alternative.name
                )
            }));
        }
        Ok(complaints)
    });
}

#[test]
fn what_a_hint_is_about_is_something_that_a_failure_can_say() {
    // What the program's own panics say stands in no grader.
    const STDS: [&str; 1] = ["`Option::unwrap()` on a `None` value"];
    let kit = words_of(&workspace().root().join("lessons/grader/src"));
    hold(|_, lesson| {
        let graders = words_of(lesson.grader().parent().expect("it stands in a folder"));
        let cards = cards::read(&lesson.grader())?;
        let hints = cards
            .iter()
            .flat_map(|card| card.hints.iter().chain(&card.shared));
        let unsaid = hints
            .filter_map(|hint| hint.about.as_deref())
            .filter(|about| {
                !STDS.contains(about) && !graders.contains(about) && !kit.contains(about)
            });
        Ok(unsaid
            .map(|about| format!("no failure says `{about}`"))
            .collect())
    });
}

/// The source text in a folder without comments, with the strings that were wrapped in one piece.
fn words_of(folder: &Path) -> String {
    let mut words = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words += &words_of(&path);
            continue;
        }
        let mut is_wrapped = false;
        for line in fs::read_to_string(&path).unwrap().lines() {
            let code = line.trim_start();
            if code.starts_with("//") {
                continue;
            }
            let line = if is_wrapped { code } else { line };
            is_wrapped = line.ends_with('\\');
            words += line.trim_end_matches('\\');
            words += if is_wrapped { "" } else { "\n" };
        }
    }
    words
}
