//! A new lesson: a pair, its grader, a mistake and a chapter, which keep every promise but one from
//! the first minute. What its author still has to write is marked `TODO(author)`.
//!
//! Invariant: every text is made before the first file is written, and no file is replaced but for
//! `SUMMARY.md`, which gets a line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::catalog::lessons::{Lesson, PARTS};
use crate::catalog::sources::Sources;
use crate::catalog::stubs;
use crate::catalog::workspace::Workspace;
use crate::error::Error;

mod summary;

const SOLUTION: &str = include_str!("new_lesson/solution.toml.tmpl");
const LESSON: &str = include_str!("new_lesson/lesson.toml.tmpl");
const SERVER: &str = include_str!("new_lesson/server.rs.tmpl");
const LIBRARY: &str = include_str!("new_lesson/library.rs.tmpl");
const USER: &str = include_str!("new_lesson/user.rs.tmpl");
const GRADER: &str = include_str!("new_lesson/grade.rs.tmpl");
const MISTAKES: &str = include_str!("new_lesson/mistakes.toml.tmpl");
const CHAPTER: &str = include_str!("new_lesson/chapter.md.tmpl");

/// Rust's own words and crates: a library with such a name cannot be used, or is not found.
const RUSTS: &str = "abstract alloc as async await become box break const continue core crate do \
                     dyn else enum extern false final fn for gen if impl in let loop macro match \
                     mod move mut override priv proc_macro pub ref return self static std struct \
                     super test trait true try type typeof union unsafe unsized use virtual where \
                     while yield";

const FORM_OF_NAME: &str = "A name is two digits and words in lower case, as in 06-echo-server.";
const FORM_OF_TITLE: &str =
    "A title is one line, without quotation marks, brackets and backslashes.";
const PARTS_ARE_IN: &str = "lessons/course/src/catalog/lessons.rs";

/// What the learner writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program that listens.
    Server,
    /// A library that later lessons can stand on, and a program that uses it.
    Library,
}

/// A lesson that nothing stands in the way of.
#[derive(Debug)]
pub struct NewLesson {
    name: String,
    title: String,
    /// From 1, as in [`PARTS`].
    part: usize,
    kind: Kind,
}

impl NewLesson {
    /// The lesson `NN-name`. Where they are not given, its title is made of the name, and its part
    /// is that of the lesson before.
    ///
    /// # Errors
    /// When name, number, title or part cannot be had; the error says which, and why.
    pub fn named(
        name: &str,
        title: Option<String>,
        part: Option<usize>,
        kind: Kind,
        workspace: &Workspace,
    ) -> Result<Self> {
        let refused = |because: String| Error::NoNewLesson {
            name: name.to_owned(),
            because,
        };
        let (number, slug) =
            number_and_slug(name).ok_or_else(|| refused(FORM_OF_NAME.to_owned()))?;
        let lessons = Lesson::all(workspace)?;
        if let Some(taken) = taken(number, slug, kind, &lessons, workspace)? {
            return Err(refused(taken).into());
        }
        let before = lessons.iter().rfind(|lesson| lesson.number() < number);
        let part = part.unwrap_or_else(|| before.map_or(1, |lesson| lesson.about.part));
        if !(1..=PARTS.len()).contains(&part) {
            let last = PARTS.len();
            return Err(refused(format!(
                "There is no part {part}; the last one is {last}. The parts stand in {PARTS_ARE_IN}."
            ))
            .into());
        }
        let title = title.unwrap_or_else(|| titled(slug));
        let is_odd = |c: char| c.is_control() || "\"\\[]<>".contains(c);
        if title.trim().is_empty() || title.contains(is_odd) {
            return Err(refused(FORM_OF_TITLE.to_owned()).into());
        }
        Ok(Self {
            name: name.to_owned(),
            title,
            part,
            kind,
        })
    }

    /// Writes its files, and its line in the book's table of contents; returns the lesson.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn write(&self, workspace: &Workspace) -> Result<Lesson> {
        let contents = workspace.root().join("book/src/SUMMARY.md");
        let listed = fs::read_to_string(&contents)
            .with_context(|| format!("cannot read {}", contents.display()))?;
        let mut files = self.files()?;
        files.insert(
            "book/src/SUMMARY.md".into(),
            summary::with_chapter(&listed, self.part, &self.name, &self.title),
        );
        for (path, text) in files {
            let path = workspace.root().join(path);
            let folder = path.parent().unwrap_or(workspace.root());
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, text))
                .map_err(|error| Error::cannot_write(&path, &error))?;
        }
        let mut lessons = Lesson::all(workspace)?.into_iter();
        lessons
            .find(|lesson| lesson.name == self.name)
            .context("the new lesson is not among the lessons")
    }

    /// Its files, by their path from the root.
    fn files(&self) -> Result<BTreeMap<PathBuf, String>> {
        let mut sources = Sources::default();
        let mut source = |file: &str, template| {
            sources.0.insert(file.into(), self.filled(template));
        };
        match self.kind {
            Kind::Server => source("main.rs", SERVER),
            Kind::Library => {
                source("lib.rs", LIBRARY);
                source("main.rs", USER);
            }
        }
        let lesson = Path::new("lessons").join(&self.name);
        let solution = Path::new("solutions").join(&self.name);
        let chapter = Path::new("book/src").join(format!("{}.md", self.name));
        let mut files = BTreeMap::from([
            (lesson.join("Cargo.toml"), self.filled(LESSON)),
            (lesson.join("tests/grade.rs"), self.filled(GRADER)),
            (solution.join("Cargo.toml"), self.filled(SOLUTION)),
            (solution.join("mistakes.toml"), self.filled(MISTAKES)),
            (chapter, self.filled(CHAPTER)),
        ]);
        for (half, sources) in [(lesson, stubs::derive(&sources)?), (solution, sources)] {
            let src = sources.0.into_iter();
            files.extend(src.map(|(path, text)| (half.join("src").join(path), text)));
        }
        Ok(files)
    }

    /// A template with what is this lesson's own.
    fn filled(&self, template: &str) -> String {
        let (number, slug) = self.name.split_once('-').unwrap_or((&self.name, ""));
        let library = library(slug);
        let (root, measure, table) = match self.kind {
            Kind::Server => ("main.rs", "measure = { serves = 1 }\n", String::new()),
            Kind::Library => {
                let table = format!("[lib]\nname = \"{library}\"\npath = \"src/lib.rs\"\n\n");
                ("lib.rs", "", table)
            }
        };
        template
            .replace("<number>", number)
            .replace("<name>", &self.name)
            .replace("<title>", &self.title)
            .replace("<part>", &self.part.to_string())
            .replace("<root>", root)
            .replace("<measure>", measure)
            .replace("<library>", &table)
            .replace("<library-name>", &library)
    }
}

/// The halves of `06-echo-server`: two digits, and words of lower-case letters and digits, a letter
/// first.
fn number_and_slug(name: &str) -> Option<(&str, &str)> {
    let (number, slug) = name.split_once('-')?;
    let is_number = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_letter);
    let is_slug = slug.starts_with(char::is_alphabetic) && slug.split('-').all(is_word);
    (is_number && is_slug).then_some((number, slug))
}

/// `echo-server` as a title: `Echo server`.
fn titled(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}

/// `echo-server` as the name of a library: `echo_server`.
fn library(slug: &str) -> String {
    slug.replace('-', "_")
}

/// What stands in the way of a lesson of that number and name, and how to go round it.
fn taken(
    number: &str,
    slug: &str,
    kind: Kind,
    lessons: &[Lesson],
    workspace: &Workspace,
) -> Result<Option<String>> {
    if let Some(other) = lessons.iter().find(|lesson| lesson.slug() == slug) {
        let words = format!("`{slug}` already means {}. Take another word.", other.name);
        return Ok(Some(words));
    }
    for folder in ["solutions", "lessons", "book/src"] {
        let entries = fs::read_dir(workspace.root().join(folder))
            .with_context(|| format!("cannot list {folder}"))?;
        for entry in entries {
            let there = entry?.file_name().to_string_lossy().into_owned();
            if there.starts_with(&format!("{number}-")) {
                let words = format!("The number is taken, by {folder}/{there}. Take another.");
                return Ok(Some(words));
            }
        }
    }
    if kind == Kind::Library && is_known(&library(slug), workspace)? {
        let words = format!(
            "A library called `{}` would be taken for another. Take another word.",
            library(slug)
        );
        return Ok(Some(words));
    }
    Ok(None)
}

/// Whether Rust, or a lesson, has a meaning for this name of a library.
fn is_known(library: &str, workspace: &Workspace) -> Result<bool> {
    let manifest = fs::read_to_string(workspace.root().join("Cargo.toml"))?;
    let manifest: toml_edit::DocumentMut = manifest.parse()?;
    let dependencies = &manifest["workspace"]["dependencies"];
    let is_rusts = RUSTS.split(' ').any(|word| word == library);
    Ok(is_rusts || dependencies.get(library).is_some())
}
