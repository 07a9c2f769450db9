//! Claims, as the command line and the book read them: each is a sentence of the book about tokio,
//! mio or the kernel, held by a test in `book/claims`.
//!
//! Invariant: a claim is written down once, in its test. Its name is the test's name, its statement
//! the first paragraph of the test's doc comment. The one thing stored elsewhere is [`Verified`],
//! the record of the last complete run.
//!
//! Longer than others: the record of what claims were held with has their form.

pub mod crate_sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use grader::kernel::machine::Machine;
use serde::{Deserialize, Serialize};

use crate::catalog::cards::{self, Card};
use crate::catalog::workspace::Workspace;
use crate::grade::compile::{self, scratch};
use crate::grade::subject::Subject;
use crate::system::process::{self, Cancel};

/// The crate of the claims, from the root.
const PACKAGE: &str = "book/claims";
/// The folder of the claims, a file for each subject, from the root.
const FOLDER: &str = "book/claims/tests/claims";
/// The record of the last run in which all claims held, from the root.
pub const VERIFIED: &str = "book/claims/verified.toml";
/// The crates that a claim can be about.
const CRATES: [&str; 2] = ["tokio", "mio"];

/// One claim, read from its test's text. (`claims::Claim` in `book/claims` is the same claim while
/// its test runs.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name of its test, unique over all subjects.
    pub name: String,
    /// Its file, from the root.
    pub file: PathBuf,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// The statement, Markdown, one paragraph.
    pub holds: String,
    /// What else its doc comment says, Markdown; may be empty.
    pub remarks: String,
    /// The test's function.
    pub code: String,
    /// The crates it is about, among those whose versions are recorded: those that its file uses or
    /// its words name.
    pub crates: Vec<&'static str>,
}

impl Claim {
    /// Every claim, by subject and in the order of the files.
    ///
    /// # Errors
    /// When a claim makes no statement, or two have one name.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let mut files: Vec<PathBuf> = fs::read_dir(root.join(FOLDER))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| Path::new(FOLDER).join(entry.file_name()))
            .filter(|file| file.extension().is_some_and(|e| e == "rs"))
            .collect();
        files.sort();
        let mut claims = Vec::new();
        for file in files {
            let text = fs::read_to_string(root.join(&file))
                .with_context(|| format!("cannot read {}", file.display()))?;
            claims.extend(read(&file, &text));
        }
        let mut places: BTreeMap<&str, &Self> = BTreeMap::new();
        for claim in &claims {
            if claim.holds.is_empty() {
                bail!(
                    "{} says nothing: its doc comment is its statement",
                    claim.place()
                );
            }
            if let Some(other) = places.insert(&claim.name, claim) {
                let places = format!("{} and {}", other.place(), claim.place());
                bail!("two claims are called `{}`, at {places}", claim.name);
            }
        }
        Ok(claims)
    }

    /// The one among `claims` whose name is most like `name`, if any is.
    pub fn most_like<'a>(name: &str, claims: &'a [Self]) -> Option<&'a Self> {
        let likeness = |claim: &&Self| {
            let part = u32::from(claim.name.contains(name)) * 1000;
            part + (strsim::jaro_winkler(name, &claim.name) * 1000.0) as u32
        };
        claims
            .iter()
            .max_by_key(likeness)
            .filter(|claim| likeness(claim) > 700)
    }

    /// Its subject: the module that it stands in.
    pub fn subject(&self) -> &str {
        let stem = self.file.file_stem();
        stem.and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }

    /// The test's path, as libtest's `--exact` wants it.
    fn test(&self) -> String {
        format!("{}::{}", self.subject(), self.name)
    }

    /// The claim as a check that can be run.
    pub fn card(&self) -> Card {
        Card {
            check: self.test(),
            test: self.test(),
            line: self.line,
            holds: self.holds.clone(),
            ..Card::default()
        }
    }
}

/// The claims in the text of `file`.
fn read(file: &Path, text: &str) -> Vec<Claim> {
    let lines: Vec<&str> = text.lines().collect();
    let used = |krate: &&str| {
        lines
            .iter()
            .any(|line| line.starts_with(&format!("use {krate}::")))
    };
    let claim = |card: Card| {
        // A function ends at the first line that is only `}`: rustfmt puts its closing brace at the
        // left edge.
        let code = lines[card.line - 1..].iter();
        let mut open = true;
        let code: Vec<&str> = code
            .take_while(|line| std::mem::replace(&mut open, **line != "}"))
            .copied()
            .collect();
        let code = code.join("\n");
        let named = |krate: &str| {
            let words = |text: &str| {
                text.split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == krate)
            };
            words(&card.holds) || words(&code)
        };
        Claim {
            file: file.to_owned(),
            line: card.line,
            remarks: remarks(&lines[..card.line - 1]),
            crates: CRATES
                .into_iter()
                .filter(|krate| used(krate) || named(krate))
                .collect(),
            name: card.check,
            holds: card.holds,
            code,
        }
    };
    cards::parse(text).into_iter().map(claim).collect()
}

/// The paragraphs after the first, of the doc comment that `lines` end with.
fn remarks(lines: &[&str]) -> String {
    let is_above = |line: &&&str| line.starts_with("///") || line.starts_with("#[");
    let above: Vec<&str> = lines.iter().rev().take_while(is_above).copied().collect();
    let doc = above
        .iter()
        .rev()
        .filter_map(|line| line.strip_prefix("///"));
    let rest: Vec<&str> = doc
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .skip_while(|line| !line.is_empty())
        .collect();
    rest.join("\n").trim().to_owned()
}

/// The record of the last run in which every claim held, with the versions it was held with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verified {
    /// The versions: of each crate that claims are about, and of Linux.
    pub versions: BTreeMap<String, String>,
    /// The names of the claims that held, sorted.
    pub claims: Vec<String>,
}

impl Verified {
    /// Reads the record in the repository; an empty one if there is no such file.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn read(root: &Path) -> Result<Self> {
        let Ok(text) = fs::read_to_string(root.join(VERIFIED)) else {
            return Ok(Self::default());
        };
        toml_edit::de::from_str(&text).with_context(|| format!("cannot read {VERIFIED}"))
    }

    /// The record to write if all `claims` held on this machine now.
    ///
    /// # Errors
    /// When `Cargo.lock` cannot be read.
    pub fn here(root: &Path, claims: &[Claim]) -> Result<Self> {
        let mut versions = BTreeMap::new();
        for krate in CRATES {
            if let Some(version) = locked(root, krate)? {
                versions.insert(krate.to_owned(), version);
            }
        }
        let release = Machine::here().kernel;
        let family: Vec<&str> = release.split('.').take(2).collect();
        versions.insert("Linux".to_owned(), family.join("."));
        let mut names: Vec<String> = claims.iter().map(|claim| claim.name.clone()).collect();
        names.sort();
        Ok(Self {
            versions,
            claims: names,
        })
    }

    /// The file's text.
    ///
    /// # Errors
    /// Only if the library that writes TOML fails.
    pub fn text(&self) -> Result<String> {
        let head = "# What the claims were last held with. Written by `cargo course claim --record`, never by hand.\n\n";
        Ok(head.to_owned() + &toml_edit::ser::to_string_pretty(self)?)
    }

    /// Whether it has the same claims and crate versions as `now`; the kernel may differ.
    pub fn covers(&self, now: &Self) -> bool {
        let same = |krate: &str| self.versions.get(krate) == now.versions.get(krate);
        self.claims == now.claims && CRATES.into_iter().all(same)
    }
}

/// The version of `krate` in `Cargo.lock`, if it is there.
fn locked(root: &Path, krate: &str) -> Result<Option<String>> {
    let text = fs::read_to_string(root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let lock: toml_edit::DocumentMut = text.parse().context("cannot read Cargo.lock")?;
    let packages = lock["package"].as_array_of_tables();
    let of = |package: &toml_edit::Table, key: &str| {
        let value = package.get(key).and_then(toml_edit::Item::as_str);
        value.map(str::to_owned)
    };
    let mut versions = packages
        .into_iter()
        .flatten()
        .filter(|package| of(package, "name").as_deref() == Some(krate))
        .filter_map(|package| of(package, "version"));
    Ok(versions.next())
}

/// The crate of the claims as a subject, so that its tests run like a grader's checks.
pub fn subject(workspace: &Workspace) -> Subject {
    Subject {
        package: "claims".to_owned(),
        folder: workspace.root().join(PACKAGE),
        base: workspace.root().to_owned(),
        origin: None,
        grader: workspace.root().join(FOLDER).join("main.rs"),
        model: None,
        feature: None,
        offline: false,
    }
}

/// Builds the claims; `None` when they do not compile, or it was cancelled: cargo has said why.
///
/// # Errors
/// When cargo cannot be started.
pub fn build(workspace: &Workspace, cancel: &Cancel) -> Result<Option<PathBuf>> {
    let scratch = scratch(workspace)?;
    let mut command: Command = process::cargo();
    command
        .current_dir(workspace.root())
        .args([
            "test",
            "--no-run",
            "--package",
            "claims",
            "--test",
            "claims",
        ])
        .arg("--message-format=json-render-diagnostics")
        .arg("--target-dir")
        .arg(workspace.target());
    let subject = subject(workspace);
    let Some((true, messages)) = compile::listen(&mut command, scratch.path(), cancel)? else {
        return Ok(None);
    };
    let is_test =
        |message: &&compile::Message| message.is_of(&subject) && message.target.is("test");
    Ok(messages
        .iter()
        .filter(is_test)
        .find_map(|m| m.executable.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
//! A subject.

/// tokio says *this*,
/// and that.
///
/// More of it.
#[test]
fn it_says_this() {
    claim(|c| {
        Ok(())
    });
}

/// The kernel says that.
#[test]
fn it_says_that() {
    claim(|_| Ok(()));
}
";

    #[test]
    fn a_claim_is_what_its_test_says() {
        let claims = read(Path::new("a/edges.rs"), FILE);
        assert_eq!(claims[0].holds, "tokio says *this*, and that.");
        assert_eq!(claims[0].remarks, "More of it.");
        assert!(claims[0].code.starts_with("fn it_says_this() {\n"));
        assert!(claims[0].code.ends_with("    });\n}"), "{}", claims[0].code);
        assert_eq!(claims[0].test(), "edges::it_says_this");
        assert_eq!(claims[0].crates, ["tokio"]);
        assert_eq!(
            (claims[1].remarks.as_str(), &claims[1].crates),
            ("", &vec![])
        );
        let file = FILE.replace(
            "//! A subject.",
            "//! A subject.
use mio::Poll;",
        );
        assert_eq!(read(Path::new("a/edges.rs"), &file)[1].crates, ["mio"]);
    }

    #[test]
    fn a_record_tells_crates_apart_and_forgives_another_kernel() {
        let root = tempfile::tempdir().unwrap();
        let lock = "[[package]]\nname = \"tokio\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"mio\"\nversion = \"4.5.6\"\n";
        fs::write(root.path().join("Cargo.lock"), lock).unwrap();
        let claims = read(Path::new("a/edges.rs"), FILE);
        let now = Verified::here(root.path(), &claims).unwrap();
        assert_eq!(now.versions["mio"], "4.5.6");
        assert_eq!(now.claims, ["it_says_that", "it_says_this"]);
        let mut older: Verified = toml_edit::de::from_str(&now.text().unwrap()).unwrap();
        older.versions.insert("Linux".into(), "2.4".into());
        assert!(older.covers(&now));
        older.versions.insert("tokio".into(), "0.1.0".into());
        assert!(!older.covers(&now));
    }
}
