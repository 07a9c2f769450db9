//! The repository around the book: where things lie, and reading them with errors worth reading.
//!
//! Every path in here is relative to the repository's root, both in arguments and in messages, so
//! that the same book gives the same words wherever it was cloned.
//!
//! Invariant: the lists that many directives ask for are read once, so one `Repository` is one
//! build's.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use course::Lesson;
use course::claims::Claim;

use crate::fault::Problem;

/// The folder that holds `book/`, `lessons/`, `solutions/` and `Cargo.lock`.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
    /// What [`crate::directives::claim`] has found; empty until somebody asks.
    pub(crate) claims: OnceLock<Result<Vec<Claim>, Problem>>,
    /// What [`crate::lessons::all`] has found; empty until somebody asks.
    pub(crate) lessons: OnceLock<Result<Vec<Lesson>, Problem>>,
    /// The versions of each crate that [`crate::lock`] has read; empty until somebody asks.
    pub(crate) locked: OnceLock<Result<BTreeMap<String, Vec<String>>, Problem>>,
}

impl Repository {
    /// The repository around the book in `book_root`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn around(book_root: &Path) -> io::Result<Self> {
        let book_root = book_root.canonicalize()?;
        let root = book_root.parent().unwrap_or(&book_root).to_owned();
        Ok(Self {
            root,
            claims: OnceLock::new(),
            lessons: OnceLock::new(),
            locked: OnceLock::new(),
        })
    }

    /// The repository's root, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads the text of `path`.
    ///
    /// # Errors
    /// When `path` leaves the repository, or is no readable text.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<String, Problem> {
        let path = path.as_ref();
        let inside = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(Problem::new(
                format!("`{}` is no path inside the repository", path.display()),
                "name a file from the repository's root, such as solutions/06-echo-server/src/main.rs",
            ));
        }
        fs::read_to_string(self.root.join(path)).map_err(|error| {
            Problem::new(
                format!("cannot read {}: {error}", path.display()),
                "paths are written from the repository's root; correct it, or add the file",
            )
        })
    }

    /// The names, without extension, of the files in `folder` that end in `extension`; sorted.
    pub fn names(&self, folder: &str, extension: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(folder))
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        names
    }
}

/// Lists `known` names, for the remedy of a misspelt one.
pub fn one_of(known: &[String]) -> String {
    match known {
        [] => "there is none yet".to_owned(),
        known => format!("there are: {}", known.join(", ")),
    }
}
