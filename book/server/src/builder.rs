//! Builds the book with mdBook's library, the course's preprocessor in-process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::config::Config;

use crate::preprocessor::Course;
use crate::warnings;

/// A book that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Where its pages are.
    pub folder: PathBuf,
    /// How many chapters it has.
    pub chapters: usize,
}

/// Whether the words of the chapters are indexed, which takes a third of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Every chapter can be found.
    Indexed,
    /// None can: for a caller that keeps an earlier index.
    Unindexed,
}

/// Builds the book in `root`, the folder of `book.toml`, into `destination` or where `book.toml`
/// says.
///
/// # Errors
/// When the book has a fault, or mdBook warns of anything.
pub fn build(root: &Path, destination: Option<&Path>) -> Result<Built> {
    build_with(root, destination, Search::Indexed)
}

/// Builds the book as [`build`] does, with its search index or without.
///
/// # Errors
/// When the book has a fault, or mdBook warns of anything.
pub fn build_with(root: &Path, destination: Option<&Path>, search: Search) -> Result<Built> {
    let root = root
        .canonicalize()
        .with_context(|| format!("there is no folder {}", root.display()))?;
    let (built, warnings) = warnings::collected(|| build_in(&root, destination, search));
    let built = built?;
    if !warnings.is_empty() {
        bail!(
            "mdBook warns; mend these, then build again:\n\n{}",
            warnings.join("\n")
        );
    }
    Ok(built)
}

fn build_in(root: &Path, destination: Option<&Path>, search: Search) -> Result<Built> {
    let mut config = Config::from_disk(root.join("book.toml"))
        .with_context(|| format!("cannot read {}", root.join("book.toml").display()))?;
    if let Some(destination) = destination {
        config.build.build_dir = std::path::absolute(destination)?;
    }
    if search == Search::Unindexed {
        // Every chapter's path begins with the empty one.
        let every = [("", [("enable", false)].into())].into();
        let chapters: BTreeMap<&str, BTreeMap<&str, bool>> = every;
        config.set("output.html.search.chapter", chapters)?;
    }
    // A chapter that SUMMARY names but that does not exist is a fault; mdBook must not create it.
    config.build.create_missing = false;
    let mut book = MDBook::load_with_config(root, config)?;
    // This replaces the command of the same name in `book.toml`.
    book.with_preprocessor(Course);
    let chapters = book
        .iter()
        .filter(|item| matches!(item, BookItem::Chapter(_)))
        .count();
    book.build()?;
    Ok(Built {
        folder: book.build_dir_for("html"),
        chapters,
    })
}
