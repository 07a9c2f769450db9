//! Where the course lies on this machine.
//!
//! Invariant: the root is found from the current folder and from nothing else, so that every
//! command works in every subfolder and never touches another checkout.

use std::env;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::error::Error;

/// One checkout of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    /// `/.course`, or a folder in `target` where the checkout cannot be written to.
    state: PathBuf,
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

    /// The checkout whose root is `root`. Built files go where cargo has put this program, and else
    /// to `target/`.
    pub fn at(root: &Path) -> Self {
        let target = chosen_target()
            .or_else(|| target_of_this_program(root))
            .unwrap_or_else(|| root.join("target"));
        let own = root.join(".course");
        // A read-only checkout can still be graded: its state is written to the target folder.
        let place = if own.exists() { &own } else { root };
        let is_writable = access(place, Access::WRITE_OK).is_ok();
        let state = if is_writable {
            own
        } else {
            target.join("course/state")
        };
        Self {
            root: root.to_owned(),
            target,
            state,
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
        self.state.clone()
    }

    /// `path` as a learner would type it at the root.
    pub fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// The target folder that the environment names, if the path is absolute: a relative one would mean
/// another folder in each place where cargo is called.
fn chosen_target() -> Option<PathBuf> {
    env::var_os("CARGO_TARGET_DIR")
        .map(PathBuf::from)
        .filter(|target| target.is_absolute())
}

/// The target folder that cargo has built this program in, however that was chosen: by the
/// environment, by a configuration, or relative to the current folder. `None` if this program was
/// built from another checkout.
fn target_of_this_program(root: &Path) -> Option<PathBuf> {
    let built_here = Path::new(env!("CARGO_MANIFEST_DIR")).starts_with(root);
    let program = env::current_exe().ok()?;
    let is_target = |folder: &&Path| folder.join(".rustc_info.json").is_file();
    let target = program.ancestors().find(is_target)?;
    built_here.then(|| target.to_owned())
}

/// Looks for folders that only the course has, because a scratch package has a `Cargo.toml` too.
fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
        && folder.join("solutions").is_dir()
        && folder.join("lessons/course/Cargo.toml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_files_go_where_cargo_has_put_this_program() {
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let workspace = Workspace::at(&course.canonicalize().unwrap());
        let program = env::current_exe().unwrap();
        assert!(program.starts_with(workspace.target()), "{workspace:?}");
    }

    #[test]
    fn another_checkout_has_a_target_folder_of_its_own() {
        let other = Path::new("/somewhere/else");
        assert_eq!(target_of_this_program(other), None);
    }
}
