//! The files of one `src/` folder, held in memory.
//!
//! Invariant: paths are relative to the folder; an editor's swap and backup files are never among
//! them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Relative paths and texts, in the order of the paths. Lines end with `
/// `, even if git has checked the files out with `\r
/// `.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(pub BTreeMap<PathBuf, String>);

impl Sources {
    /// Reads every file under `folder`; a folder that is not there has no files.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Self::default();
        if folder.is_dir() {
            sources.read_below(folder, Path::new(""))?;
        }
        Ok(sources)
    }

    fn read_below(&mut self, folder: &Path, prefix: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if is_an_editors(&name) {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                self.read_below(&path, &prefix.join(&name))?;
            } else {
                let text = String::from_utf8_lossy(&fs::read(&path)?).replace("\r\n", "\n");
                self.0.insert(prefix.join(&name), text);
            }
        }
        Ok(())
    }

    /// Makes `folder` hold exactly these files. A file that already has the right text is not
    /// written, so cargo rebuilds only for real changes.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for stale in Self::read(folder)?
            .0
            .keys()
            .filter(|path| !self.0.contains_key(*path))
        {
            fs::remove_file(folder.join(stale))?;
        }
        fs::create_dir_all(folder)?;
        for (path, text) in &self.0 {
            let path = folder.join(path);
            if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
                continue;
            }
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }

    /// Whether there is nothing to read: no file, or only empty ones.
    pub fn is_blank(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }

    /// The first `todo!(` in reading order: the crate root first, then the modules by name.
    pub fn first_todo(&self) -> Option<Todo> {
        let root_first = |path: &&PathBuf| (!is_crate_root(path), (*path).clone());
        let mut paths: Vec<_> = self.0.keys().collect();
        paths.sort_by_key(root_first);
        paths
            .into_iter()
            .find_map(|path| Todo::first_in(path, &self.0[path]))
    }
}

/// A `todo!` that waits for the learner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// The file, relative to `src/`.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The words inside the `todo!`.
    pub words: String,
}

impl Todo {
    fn first_in(file: &Path, text: &str) -> Option<Self> {
        text.lines().enumerate().find_map(|(index, line)| {
            let code = line.trim_start();
            let (before, after) = code.split_once("todo!(")?;
            if before.starts_with("//") {
                return None;
            }
            let words = after.trim_start_matches('"');
            let words = words.split_once('"').map_or("", |(words, _)| words);
            Some(Self {
                file: file.to_owned(),
                line: index + 1,
                words: words.to_owned(),
            })
        })
    }
}

/// Whether `path`, relative to `src/`, is where a crate begins.
pub fn is_crate_root(path: &Path) -> bool {
    path == Path::new("main.rs") || path == Path::new("lib.rs")
}

/// Whether `name` is a swap file, a lock link or a backup: never part of a program.
pub fn is_an_editors(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.')
        || name.ends_with('~')
        || name.ends_with(".bak")
        || name.ends_with(".orig")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        Sources(
            files
                .iter()
                .map(|(path, text)| (path.into(), (*text).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn writing_removes_what_is_not_among_the_files() {
        let folder = tempfile::tempdir().unwrap();
        sources(&[("main.rs", "a"), ("net/old.rs", "b")])
            .write(folder.path())
            .unwrap();
        let new = sources(&[("main.rs", "a"), ("net/new.rs", "c")]);
        new.write(folder.path()).unwrap();
        assert_eq!(Sources::read(folder.path()).unwrap(), new);
    }

    #[test]
    fn what_an_editor_leaves_behind_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["main.rs", ".main.rs.swp", "main.rs~"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(
            Sources::read(folder.path()).unwrap(),
            sources(&[("main.rs", "x")])
        );
    }

    #[test]
    fn the_first_todo_is_looked_for_in_the_crate_root_first() {
        let both = sources(&[
            ("client.rs", "todo!(\"later\")"),
            (
                "main.rs",
                "// todo!(\"not this\")\nfn main() {\n    todo!(\"begin here\")\n}\n",
            ),
        ]);
        let todo = both.first_todo().unwrap();
        assert_eq!((todo.line, todo.words.as_str()), (3, "begin here"));
    }
}
