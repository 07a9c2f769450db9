//! Where the course lies on this machine.
//!
//! Invariant: the root is found from the folder one stands in and from nothing else, so that every
//! command works in every subfolder and never touches another checkout.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// One checkout of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the checkout that the current folder belongs to.
    ///
    /// # Errors
    /// When the current folder is not inside a checkout.
    pub fn find() -> Result<Self, Error> {
        let here = env::current_dir().map_err(|_| Error::NotHere)?;
        Self::around(&here)
    }

    /// Finds the checkout that `folder` belongs to.
    ///
    /// # Errors
    /// When `folder` is not inside a checkout.
    pub fn around(folder: &Path) -> Result<Self, Error> {
        folder
            .ancestors()
            .find(|folder| is_root(folder))
            .map(Self::at)
            .ok_or(Error::NotHere)
    }

    /// The checkout whose root is `root`. Built files go where cargo puts them.
    pub fn at(root: &Path) -> Self {
        let target = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
        Self {
            root: root.to_owned(),
            target: root.join(target),
        }
    }

    /// The folder with the workspace's `Cargo.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The ignored folder that holds progress, backups and the lock of a running check.
    pub fn state(&self) -> PathBuf {
        self.root.join(".course")
    }

    /// `path` as a learner would type it at the root.
    pub fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// A scratch package of the workbench has a `Cargo.toml` too; only the course has these folders.
fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
        && folder.join("solutions").is_dir()
        && folder.join("lessons/course/Cargo.toml").is_file()
}
