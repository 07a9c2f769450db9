//! Cards: what a check demands and the hints towards it, read from the grader's own doc comments.
//!
//! Invariant: nothing is written twice. The first paragraph of a check's doc comment says what must
//! hold; each `# Hint` section after it is one hint, in the order to give them.
//!
//! A check may be red for several reasons, and a hint may be about one of them: a hint headed `#
//! Hint: PHRASE` is given first if the failure contains PHRASE, and last if it does not. Hints in
//! the `//!` of `grade.rs` are shared by all checks of the lesson; one with a PHRASE is given only
//! when the failure contains it.
//!
//! A grader with many checks is split into modules, each a file that `grade.rs` names with `#[path
//! = …]`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// One check, as its doc comment describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The check's name, a sentence in snake case.
    pub check: String,
    /// The test's path, as libtest's `--exact` wants it: the module that it stands in, if any, and
    /// its name.
    pub test: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// What must hold, in one paragraph.
    pub holds: String,
    /// Its own hints, progressive.
    pub hints: Vec<Hint>,
    /// The hints that every check of its grader has.
    pub shared: Vec<Hint>,
}

/// One hint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// What it says, Markdown.
    pub words: String,
    /// The phrase in a failure's message that this hint is for; `None` if it suits every failure.
    pub about: Option<String>,
}

impl Hint {
    fn fits(&self, failure: &str) -> bool {
        let says = |about: &String| failure.contains(about.as_str());
        self.about.as_ref().is_some_and(says)
    }
}

/// The hints of a check in the order to give them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Each hint with its place: its index in the check's own hints followed by the shared ones.
    /// The progress file stores these places.
    hints: Vec<(usize, &'a Hint)>,
    /// How many of them have been opened; these come first.
    pub opened: usize,
}

impl<'a> Offer<'a> {
    /// All of them.
    pub fn hints(&self) -> impl Iterator<Item = &'a Hint> {
        self.hints.iter().map(|(_, hint)| *hint)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.hints.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hints.is_empty()
    }

    /// The places to store once the first `count` hints have been opened.
    pub fn places(&self, count: usize) -> Vec<usize> {
        let places = self.hints.iter().map(|(place, _)| *place);
        places.take(count).collect()
    }
}

impl Card {
    /// The hints in the order to give them. First come those in the places `opened`; then the hints
    /// for a failure that says `failure`; then the hints for any failure; then this check's own
    /// hints for other failures.
    pub fn offer(&self, opened: &[usize], failure: &str) -> Offer<'_> {
        let all: Vec<_> = self.hints.iter().chain(&self.shared).enumerate().collect();
        let is_new = |(place, _): &(usize, &Hint)| !opened.contains(place);
        let known = opened.iter().filter_map(|place| all.get(*place).copied());
        let mut hints: Vec<_> = known.collect();
        let opened = hints.len();
        let rank = |(place, hint): &(usize, &Hint)| match hint.about {
            Some(_) if hint.fits(failure) => Some(0),
            None => Some(1),
            Some(_) => (*place < self.hints.len()).then_some(2),
        };
        for wanted in 0..3 {
            let next = all.iter().filter(|hint| rank(hint) == Some(wanted));
            hints.extend(next.filter(|hint| is_new(hint)));
        }
        Offer { hints, opened }
    }
}

/// The cards of a grader: first those of its modules, in the order in which `grade.rs` names them,
/// then those of `grade.rs` itself.
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
    let head = text.lines().map_while(|line| line.strip_prefix("//!"));
    let head: Vec<_> = head
        .map(|words| words.strip_prefix(' ').unwrap_or(words))
        .collect();
    let (_, shared) = sections(&head);
    for card in &mut cards {
        card.shared.clone_from(&shared);
    }
    Ok(cards)
}

/// The grader's modules that have a `#[path]`, each with its file, relative to the grader's folder.
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

/// The cards in a grader's text. Reading line by line is enough, because rustfmt puts each
/// attribute on a line of its own.
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
    let (before, hints) = sections(doc);
    let holds = before.split(|line| line.trim().is_empty());
    let holds = holds
        .into_iter()
        .find(|paragraph| !paragraph.is_empty())
        .unwrap_or_default();
    Card {
        check: check.to_owned(),
        test: check.to_owned(),
        line,
        holds: holds.join(" ").trim().to_owned(),
        hints,
        shared: Vec::new(),
    }
}

/// What stands before the first hint, and the hints.
fn sections<'a>(doc: &'a [&'a str]) -> (&'a [&'a str], Vec<Hint>) {
    let begins = |line: &&str| heading(line).is_some();
    let first = doc.iter().position(begins).unwrap_or(doc.len());
    let (before, mut rest) = doc.split_at(first);
    let mut hints = Vec::new();
    while let Some((head, after)) = rest.split_first() {
        let end = after.iter().position(begins).unwrap_or(after.len());
        hints.push(Hint {
            words: after[..end].join("\n").trim().to_owned(),
            about: heading(head).flatten().map(str::to_owned),
        });
        rest = &after[end..];
    }
    (before, hints)
}

/// The heading of a hint, with the phrase that it is about, if it names one.
fn heading(line: &str) -> Option<Option<&str>> {
    match line.trim().strip_prefix("# Hint")? {
        "" => Some(None),
        rest => rest.strip_prefix(": ").map(|about| Some(about.trim())),
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
            words(&parse(GRADER)[0].offer(&[], "")),
            ["Read.\n\nThen write.", "Write exactly that."]
        );
    }

    fn words<'a>(offer: &Offer<'a>) -> Vec<&'a str> {
        offer.hints().map(|hint| hint.words.as_str()).collect()
    }

    #[test]
    fn the_hint_that_fits_the_failure_comes_first_and_what_was_opened_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "//! What holds.\n//!\n//! # Hint: Interrupted\n//! Ask again.\n\n\
                    /// It holds.\n///\n/// # Hint\n/// Read.\n///\n\
                    /// # Hint: it spins\n/// Sleep.\n///\n\
                    /// # Hint\n/// Read on.\n#[test]\nfn holds() {}\n";
        let grader = folder.path().join("grade.rs");
        fs::write(&grader, text).expect("written");
        let cards = read(&grader).expect("it is read");
        let card = &cards[0];
        assert_eq!(card.holds, "It holds.");
        let in_order =
            |opened: &[usize], failure: &str| words(&card.offer(opened, failure)).join(" ");
        assert_eq!(in_order(&[], ""), "Read. Read on. Sleep.");
        assert_eq!(
            in_order(&[], "of the kind Interrupted"),
            "Ask again. Read. Read on. Sleep."
        );
        assert_eq!(in_order(&[], "here it spins"), "Sleep. Read. Read on.");
        assert_eq!(in_order(&[0], "here it spins"), "Read. Sleep. Read on.");
        let offer = card.offer(&[0, 99], "Interrupted");
        assert_eq!((offer.opened, offer.places(2)), (1, vec![0, 3]));
    }

    #[test]
    fn a_card_knows_the_line_of_its_function() {
        assert_eq!(parse(GRADER)[0].line, 20);
    }
}
