//! What is promised of every lesson, as far as it can be looked at without building programs. The rest is
//! in `cargo course selfcheck`, which `.ci/run` runs.
//!
//! Nothing here looks at `lessons/*/src`: filling in a lesson never turns these red.

use course::selfcheck::{self, Complaint};
use course::{Lesson, Workspace, stubs};

fn workspace() -> Workspace {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
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
