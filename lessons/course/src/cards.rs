//! Cards: what a check demands and the hints towards it, read from the grader's own doc comments.
//!
//! Invariant: nothing is written twice. The first paragraph of a check's doc comment says what must
//! hold; each `# Hint` section after it is one hint, in the order to give them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One check, as its doc comment describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The check's name, a sentence in snake case.
    pub check: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// What must hold, in one paragraph.
    pub holds: String,
    /// Progressive hints, Markdown.
    pub hints: Vec<String>,
}

/// The cards of a grader, in the order of its file.
///
/// # Errors
/// When the file cannot be read.
pub fn read(grader: &Path) -> Result<Vec<Card>> {
    let text =
        fs::read_to_string(grader).with_context(|| format!("cannot read {}", grader.display()))?;
    Ok(parse(&text))
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
