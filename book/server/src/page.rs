//! The chapter that a directive stands in, and the book around it, as a directive may ask about
//! them.

use std::path::{Path, PathBuf};

use mdbook_preprocessor::book::{Book, BookItem};

use crate::repository::Repository;

/// The chapter that is being transformed.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The repository that the book describes.
    pub repository: &'a Repository,
    /// The chapter's file, relative to `book/src`.
    pub path: &'a Path,
    /// What SUMMARY.md lists, in its order.
    pub contents: &'a [Entry],
}

/// One line of SUMMARY.md that a directive may ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A part's title.
    Part(String),
    /// A chapter's file, relative to `book/src`.
    Chapter(PathBuf),
}

/// Lists the parts and chapters of `book`.
pub fn contents(book: &Book) -> Vec<Entry> {
    book.iter()
        .filter_map(|item| match item {
            BookItem::PartTitle(title) => Some(Entry::Part(title.clone())),
            BookItem::Chapter(chapter) => chapter.source_path.clone().map(Entry::Chapter),
            BookItem::Separator => None,
        })
        .collect()
}
