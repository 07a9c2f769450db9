//! A miniature repository whose book uses every directive, copied to a scratch folder for each
//! test.
//!
//! Its pages are also what one looks at: `cargo test --package reader --test pages -- --ignored`
//! builds them into `target/demo`.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A copy of the demo that a test may change.
pub(crate) struct Demo {
    folder: TempDir,
}

impl Demo {
    /// Copies the demo, with the real book's `book.toml` and theme.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_to(folder.path());
        Self { folder }
    }

    /// The folder of `book.toml`.
    pub(crate) fn book(&self) -> PathBuf {
        self.folder.path().join("book")
    }

    /// Replaces the text of `path`, which begins at the root of the miniature repository.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        fs::write(self.folder.path().join(path), text).unwrap();
        self
    }

    /// Replaces `find`, which must occur, in `path`.
    pub(crate) fn edit(&self, path: &str, find: &str, replace: &str) -> &Self {
        let text = fs::read_to_string(self.folder.path().join(path)).unwrap();
        assert!(text.contains(find), "{path} does not contain {find}");
        self.write(path, &text.replace(find, replace))
    }
}

/// Copies the demo into `folder`.
pub(crate) fn copy_to(folder: &Path) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&package.join("tests/demo"), folder);
    copy(&package.join("../theme"), &folder.join("book/theme"));
    fs::copy(package.join("../book.toml"), folder.join("book/book.toml")).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
