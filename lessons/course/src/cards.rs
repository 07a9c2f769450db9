//! Cards: what a check demands and the hints towards it, read from the grader's own doc comments.
//!
//! Invariant: nothing is written twice. The first paragraph of a check's doc comment says what must
//! hold; each `# Hint` section after it is one hint, in the order to give them.
//!
//! A grader with many checks stands in modules: a file for each story, named by `#[path = …]` in `grade.rs`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One check, as its doc comment describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The check's name, a sentence in snake case.
    pub check: String,
    /// The test's path, as libtest's `--exact` wants it: the module that it stands in, if any, and its name.
    pub test: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// What must hold, in one paragraph.
    pub holds: String,
    /// Progressive hints, Markdown.
    pub hints: Vec<String>,
}

/// The cards of a grader: those of its modules, in the order in which it names them, then those of the file itself.
///
/// # Errors
/// When a file cannot be read.
pub fn read(grader: &Path) -> Result<Vec<Card>> {
    let text_of = |file: &Path| {
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let text = text_of(grader)?;
    let folder = grader.parent().unwrap_or(Path::new(""));
    let mut cards = Vec::new();
    for (module, path) in modules(&text) {
        let of_it = parse(&text_of(&folder.join(path))?);
        cards.extend(of_it.into_iter().map(|card| Card {
            test: format!("{module}::{}", card.check),
            ..card
        }));
    }
    cards.extend(parse(&text));
    Ok(cards)
}

/// The modules that a grader names a file for, and the files, relative to its own.
fn modules(text: &str) -> Vec<(&str, &str)> {
    let mut path = None;
    let mut modules = Vec::new();
    for line in text.lines() {
        if let Some(named) = line.strip_prefix("#[path = \"") {
            path = named.strip_suffix("\"]");
        } else if !line.starts_with("#[") {
            let module = line.strip_prefix("mod ").and_then(|m| m.strip_suffix(';'));
            modules.extend(module.zip(path.take()));
        }
    }
    modules
}

/// The cards in a grader's text. Lines are enough: rustfmt puts each attribute on its own.
pub fn parse(text: &str) -> Vec<Card> {
    let mut cards = Vec::new();
    let mut doc: Vec<&str> = Vec::new();
    let mut is_test = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(words) = line.strip_prefix("///") {
            doc.push(words.strip_prefix(' ').unwrap_or(words));
        } else if line == "#[test]" {
            is_test = true;
        } else if line.starts_with("#[") || line.starts_with("//") {
            // Another attribute, or a remark, between the doc comment and its function.
        } else {
            if let Some(check) = function(line).filter(|_| is_test) {
                cards.push(card(check, index + 1, &doc));
            }
            doc.clear();
            is_test = false;
        }
    }
    cards
}

fn function(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix("pub ")
        .unwrap_or(line)
        .strip_prefix("fn ")?;
    rest.split_once('(').map(|(name, _)| name)
}

fn card(check: &str, line: usize, doc: &[&str]) -> Card {
    let mut sections = doc.split(|line| line.trim() == "# Hint");
    let holds = sections
        .next()
        .unwrap_or_default()
        .split(|line| line.trim().is_empty());
    let holds = holds
        .into_iter()
        .find(|paragraph| !paragraph.is_empty())
        .unwrap_or_default();
    Card {
        check: check.to_owned(),
        test: check.to_owned(),
        line,
        holds: holds.join(" ").trim().to_owned(),
        hints: sections
            .map(|hint| hint.join("\n").trim().to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRADER: &str = r"
//! What holds.

/// A helper, which is no check.
fn helper() {}

/// Every byte comes back,
/// in order.
///
/// More about it.
///
/// # Hint
/// Read.
///
/// Then write.
///
/// # Hint
/// Write exactly that.
#[test]
fn echoes_every_byte() {
    let inner = 1;
}

#[test]
#[cfg(unix)]
fn has_no_card() {}
";

    #[test]
    fn cards_come_in_the_order_of_the_file() {
        let cards = parse(GRADER);
        let names: Vec<_> = cards.iter().map(|card| card.check.as_str()).collect();
        assert_eq!(names, ["echoes_every_byte", "has_no_card"]);
    }

    #[test]
    fn the_modules_of_a_grader_come_before_its_own_checks() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        let names_two =
            "#[path = \"gaps.rs\"]\nmod gaps;\n#[cfg(unix)]\n#[path = \"ends.rs\"]\nmod ends;\n";
        put("grade.rs", &format!("{names_two}{GRADER}")).expect("written");
        put("gaps.rs", "/// Holds.\n#[test]\nfn closes() {}\n").expect("written");
        put("ends.rs", "fn helper() {}\n").expect("written");
        let cards = read(&folder.path().join("grade.rs")).expect("it is read");
        let tests: Vec<_> = cards.iter().map(|card| card.test.as_str()).collect();
        assert_eq!(tests, ["gaps::closes", "echoes_every_byte", "has_no_card"]);
        assert_eq!(cards[0].check, "closes");
    }

    #[test]
    fn the_first_paragraph_says_what_must_hold() {
        assert_eq!(parse(GRADER)[0].holds, "Every byte comes back, in order.");
        assert_eq!(parse(GRADER)[1].holds, "");
    }

    #[test]
    fn each_hint_is_a_section_of_its_own() {
        assert_eq!(
            parse(GRADER)[0].hints,
            ["Read.\n\nThen write.", "Write exactly that."]
        );
    }

    #[test]
    fn a_card_knows_the_line_of_its_function() {
        assert_eq!(parse(GRADER)[0].line, 20);
    }
}
