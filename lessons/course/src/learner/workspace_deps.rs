//! The floors of the tower: whether later lessons stand on the reference or on the learner's own
//! lesson.
//!
//! A later lesson names the floor below by a key in the workspace's dependencies, which says where
//! the floor lies. Changing the floor changes that one line; then cargo updates `Cargo.lock`, which
//! names packages.
//!
//! Invariant: nothing else in the manifest is touched, so that going back leaves it as it was, byte
//! for byte.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::catalog::lessons::Lesson;
use crate::catalog::workspace::Workspace;
use crate::error::Error;
use crate::system::process::{self, Cancel, Ended};

/// Whose floor later lessons stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// The learner's.
    Mine,
    /// The reference's.
    Reference,
}

impl Floor {
    /// How the manifest names this half of a pair: package and path.
    fn named(self, lesson: &Lesson) -> String {
        let (package, half) = match self {
            Self::Mine => (lesson.package(), "lessons"),
            Self::Reference => (lesson.solution_package(), "solutions"),
        };
        format!("package = \"{package}\", path = \"{half}/{}\"", lesson.name)
    }
}

/// Which half of this lesson's pair later lessons stand on; `None` when it is no floor of the
/// tower.
///
/// # Errors
/// When the workspace's manifest cannot be read.
pub fn under(workspace: &Workspace, lesson: &Lesson) -> Result<Option<Floor>> {
    let text = read(&workspace.root().join("Cargo.toml"))?;
    Ok([Floor::Mine, Floor::Reference]
        .into_iter()
        .find(|floor| text.contains(&floor.named(lesson))))
}

/// Puts `floor` under later lessons; returns whether that changed anything.
///
/// # Errors
/// When this lesson is no floor, or cargo does not accept the change; then everything is as it was.
pub fn put(workspace: &Workspace, lesson: &Lesson, floor: Floor) -> Result<bool> {
    let Some(now) = under(workspace, lesson)? else {
        return Err(Error::NoFloor {
            package: lesson.package(),
        }
        .into());
    };
    if now == floor {
        return Ok(false);
    }
    let manifest = workspace.root().join("Cargo.toml");
    let lock = workspace.root().join("Cargo.lock");
    let (before, locked) = (read(&manifest)?, read(&lock)?);
    replace(
        &manifest,
        &before.replacen(&now.named(lesson), &floor.named(lesson), 1),
    )?;
    if let Err(error) = let_the_lock_follow(workspace) {
        replace(&manifest, &before)?;
        replace(&lock, &locked)?;
        return Err(error);
    }
    Ok(true)
}

/// Has cargo update `Cargo.lock`, first offline, then with the network. Cargo's words of the second
/// attempt go to the terminal.
fn let_the_lock_follow(workspace: &Workspace) -> Result<()> {
    for network in [&["--offline"][..], &[]] {
        let mut cargo = process::cargo();
        cargo
            .args(["update", "--workspace", "--quiet"])
            .args(network)
            .current_dir(workspace.root())
            .stdout(Stdio::null());
        if !network.is_empty() {
            cargo.stderr(Stdio::null());
        }
        let ended = process::run(&mut cargo, None, &Cancel::default());
        if matches!(ended.context("cannot start cargo")?, Ended::Exited(status) if status.success())
        {
            return Ok(());
        }
    }
    Err(Error::FloorDoesNotFit.into())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Replaces a file whole or not at all.
fn replace(path: &Path, text: &str) -> Result<()> {
    let cannot_write = |error: std::io::Error| Error::cannot_write(path, &error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(cannot_write)?;
    file.write_all(text.as_bytes()).map_err(cannot_write)?;
    let permissions = fs::metadata(path).map_err(cannot_write)?.permissions();
    file.as_file()
        .set_permissions(permissions)
        .map_err(cannot_write)?;
    file.persist(path)
        .map_err(|error| cannot_write(error.error))?;
    Ok(())
}
