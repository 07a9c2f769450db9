//! Every lesson's contract is a list, and says of each sentence who holds it; and no check asks for
//! what no sentence promises.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use course::catalog::cards;
use course::{Lesson, Workspace};
use reader::directive;

/// The heading that a contract stands under.
const HEADING: &str = "### The contract";

fn workspace() -> Workspace {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Workspace::around(here).expect("the course")
}

fn lessons() -> Vec<Lesson> {
    Lesson::all(&workspace()).expect("its lessons")
}

/// The sentences of the contract in a chapter: the items of the list, each with what follows it.
fn sentences(chapter: &str) -> Vec<String> {
    let after = chapter.split(HEADING).nth(1).unwrap_or_default();
    let section = after.split("\n#").next().unwrap_or_default();
    let mut items: Vec<String> = Vec::new();
    for line in section.lines() {
        match (line.strip_prefix("- "), items.last_mut()) {
            (Some(item), _) => items.push(item.to_owned()),
            (None, Some(item)) if line.starts_with("  ") => item.push_str(line),
            _ => {}
        }
    }
    items
}

/// What is wrong with the contract of `lesson`.
fn faults(lesson: &Lesson, chapter: &str, checks: &BTreeSet<String>) -> Vec<String> {
    let sentences = sentences(chapter);
    if sentences.is_empty() {
        return vec![format!("{}: no list under `{HEADING}`", lesson.name)];
    }
    let mut faults = Vec::new();
    let mut asked = BTreeSet::new();
    for sentence in &sentences {
        let found: Vec<_> = directive::find(sentence).into_iter().flatten().collect();
        let held = found.iter().filter(|directive| directive.name == "held");
        let held: Vec<String> = held
            .flat_map(|directive| directive.argument.split(','))
            .map(|check| check.trim().to_owned())
            .collect();
        let unseen = found.iter().any(|directive| directive.name == "unseen");
        if held.is_empty() && !unseen {
            faults.push(format!("{}: nobody holds: {sentence}", lesson.name));
        }
        asked.extend(held);
    }
    let unknown = asked.difference(checks);
    faults.extend(unknown.map(|name| format!("{}: there is no check `{name}`", lesson.name)));
    let unasked = checks.difference(&asked);
    faults.extend(unasked.map(|name| format!("{}: no sentence asks for `{name}`", lesson.name)));
    faults
}

#[test]
fn each_sentence_of_a_contract_names_its_check_and_each_check_its_sentence() {
    let mut all = Vec::new();
    for lesson in &lessons() {
        let chapter = fs::read_to_string(workspace().root().join(lesson.chapter()));
        let chapter = chapter.expect("a chapter");
        let cards = cards::read(&lesson.grader()).expect("the cards");
        let checks = cards.into_iter().map(|card| card.check).collect();
        all.extend(faults(lesson, &chapter, &checks));
    }
    assert_eq!(all, Vec::<String>::new(), "{}", all.join("\n"));
}

#[test]
fn a_sentence_without_a_holder_and_a_check_without_a_sentence_are_refused() {
    let lesson = &lessons()[0];
    let chapter = "## Your turn\n\n### The contract\n\n- It lives. {{#held it_lives}}\n- It\n  rests.\n\n### More\n\n- Else.\n";
    let checks = ["it_lives", "it_sings"].map(str::to_owned).into();
    let faults = faults(lesson, chapter, &checks);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].ends_with("nobody holds: It  rests."),
        "{faults:?}"
    );
    assert!(
        faults[1].ends_with("no sentence asks for `it_sings`"),
        "{faults:?}"
    );
}
