//! Scratch packages: one lesson, built with sources other than the learner's.
//!
//! A scratch package lies in `target/workbench/NN/NAME` and is its own workspace root. It shares
//! the course's target folder, so dependencies are built once; its package and program have a name
//! of their own, so nothing of the learner's is overwritten.
//!
//! Invariant: a [`ScratchPackage`] holds the lock of its folder for as long as it lives.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;
use crate::catalog::workspace::Workspace;
use crate::error::Error;
use crate::grade::subject::Subject;
use crate::system::lock;

/// A scratch package, ready to be built and graded.
#[derive(Debug)]
pub struct ScratchPackage {
    /// What to grade.
    pub subject: Subject,
    _lock: File,
}

impl ScratchPackage {
    /// Lays out `sources` as the lesson's program. A scratch package of the same `name` is
    /// replaced.
    ///
    /// # Errors
    /// When the lesson's manifest cannot be read, or the scratch folder cannot be written.
    pub fn lay_out(
        workspace: &Workspace,
        lesson: &Lesson,
        name: &str,
        sources: &Sources,
    ) -> Result<Self> {
        let shelf = workspace.target().join("workbench").join(lesson.number());
        fs::create_dir_all(&shelf).map_err(|error| Error::cannot_write(&shelf, &error))?;
        let lock = lock::wait_for(&shelf.join(format!("{name}.lock")))?;
        let folder = shelf.join(name);
        sources
            .write(&folder.join("src"))
            .map_err(|error| Error::cannot_write(&folder, &error))?;
        let package = format!("{}--{name}", lesson.package());
        write_if_new(
            &folder.join("Cargo.toml"),
            &manifest(workspace, lesson, &package)?,
        )?;
        copy_the_lock(workspace, &folder)?;
        let subject = Subject {
            package,
            base: folder.clone(),
            folder,
            origin: None,
            grader: lesson.grader(),
            model: lesson.about.model.clone(),
            feature: None,
            offline: true,
        };
        Ok(Self {
            subject,
            _lock: lock,
        })
    }

    /// Says where the sources came from, for messages to a person.
    #[must_use]
    pub fn from(mut self, origin: PathBuf) -> Self {
        self.subject.origin = Some(origin);
        self
    }
}

/// The sources in `folder`, which is a package or its `src/`.
///
/// # Errors
/// When there is no crate root in it.
pub fn sources_in(folder: &Path) -> Result<(PathBuf, Sources)> {
    let inner = folder.join("src");
    let src = if inner.is_dir() {
        inner
    } else {
        folder.to_owned()
    };
    if !["main.rs", "lib.rs"]
        .iter()
        .any(|root| src.join(root).is_file())
    {
        return Err(Error::NoProgram {
            folder: folder.to_owned(),
        }
        .into());
    }
    let sources = Sources::read(&src).with_context(|| format!("cannot read {}", src.display()))?;
    Ok((src, sources))
}

/// The lesson's manifest, made independent of the place it stands in.
fn manifest(workspace: &Workspace, lesson: &Lesson, package: &str) -> Result<String> {
    let mut manifest = document(&lesson.folder().join("Cargo.toml"))?;
    rename(&mut manifest, &lesson.package(), package);
    point_at_grader(&mut manifest, &lesson.grader());
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        make_absolute(manifest.get_mut(table), &lesson.folder());
    }
    let mut root = document(&workspace.root().join("Cargo.toml"))?;
    for table in ["profile", "patch"] {
        if let Some(item) = root.remove(table) {
            manifest.insert(table, item);
        }
    }
    let mut shared = root
        .remove("workspace")
        .unwrap_or(Item::Table(Table::new()));
    if let Some(shared) = shared.as_table_like_mut() {
        for members in ["members", "default-members", "exclude"] {
            shared.remove(members);
        }
        make_absolute(shared.get_mut("dependencies"), workspace.root());
    }
    manifest.insert("workspace", shared);
    Ok(manifest.to_string())
}

fn document(path: &Path) -> Result<DocumentMut> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse()
        .with_context(|| format!("{} is damaged", path.display()))
}

/// Renames package and program alike, since a check looks for the program by the package's name.
fn rename(manifest: &mut DocumentMut, from: &str, to: &str) {
    manifest["package"]["name"] = value(to);
    for program in tables(manifest.get_mut("bin")) {
        if program.get("name").and_then(Item::as_str) == Some(from) {
            program.insert("name", value(to));
        }
    }
}

fn point_at_grader(manifest: &mut DocumentMut, grader: &Path) {
    for test in tables(manifest.get_mut("test")) {
        test.insert("path", value(grader.display().to_string()));
    }
}

fn tables(item: Option<&mut Item>) -> impl Iterator<Item = &mut Table> {
    item.and_then(Item::as_array_of_tables_mut)
        .into_iter()
        .flat_map(|tables| tables.iter_mut())
}

fn make_absolute(dependencies: Option<&mut Item>, base: &Path) {
    let Some(dependencies) = dependencies.and_then(Item::as_table_like_mut) else {
        return;
    };
    for (_, dependency) in dependencies.iter_mut() {
        let Some(dependency) = dependency.as_table_like_mut() else {
            continue;
        };
        absolute_path(dependency, base);
    }
}

fn absolute_path(dependency: &mut dyn TableLike, base: &Path) {
    if let Some(path) = dependency.get("path").and_then(Item::as_str) {
        let path = base.join(path).display().to_string();
        dependency.insert("path", value(path));
    }
}

/// Writes a file only if its text changes: a newer manifest would make cargo resolve again.
fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| Error::cannot_write(path, &error).into())
}

/// Writes a copy of the course's `Cargo.lock`, which cargo then prunes to this package. The copy is
/// written each time, since the course's own may have changed, and not made by `fs::copy`, which
/// would make it read-only in a read-only checkout.
fn copy_the_lock(workspace: &Workspace, folder: &Path) -> Result<()> {
    let locked = fs::read(workspace.root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let copy = folder.join("Cargo.lock");
    fs::write(&copy, locked).map_err(|error| Error::cannot_write(&copy, &error).into())
}
