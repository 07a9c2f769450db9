//! Backups of sources that a command replaces, in `/.course/backups/NN-name/TIMESTAMP/`.
//!
//! Invariant: a copy is complete before anything is replaced, and no copy is ever overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::catalog::lessons::Lesson;
use crate::catalog::sources::Sources;
use crate::catalog::workspace::Workspace;
use crate::error::Error;

/// Makes the lesson's `src/` hold `stub`, and returns where the copy of the old one is; `None` when
/// there was nothing to keep.
///
/// # Errors
/// When the copy or the stub cannot be written. Without a complete copy nothing is replaced.
pub fn replace(workspace: &Workspace, lesson: &Lesson, stub: &Sources) -> Result<Option<PathBuf>> {
    let cannot_write = |path: PathBuf| move |error: io::Error| Error::cannot_write(&path, &error);
    let src = lesson.src();
    let kept = if src.is_dir() && fs::read_dir(&src)?.next().is_some() {
        let shelf = workspace.state().join("backups").join(&lesson.name);
        let copy = fresh(&shelf, &stamp(now())).map_err(cannot_write(shelf))?;
        copy_tree(&src, &copy.join("src"))
            .with_context(|| format!("cannot keep a copy of {}", src.display()))?;
        Some(copy)
    } else {
        None
    };
    stub.write(&src).map_err(cannot_write(src))?;
    Ok(kept)
}

/// Makes a new folder; a second one within the same second gets a number.
fn fresh(shelf: &Path, name: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(shelf)?;
    let names = (1..).map(|n| {
        if n == 1 {
            name.to_owned()
        } else {
            format!("{name}-{n}")
        }
    });
    for name in names {
        let folder = shelf.join(name);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|()| folder),
        }
    }
    unreachable!("the numbers do not end")
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else if entry.path().is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Seconds since 1970 as `2026-11-21T22-05-09`, in UTC; a folder's name, so without colons.
fn stamp(seconds: u64) -> String {
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    let lengths = [
        31,
        28 + u64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!(
        "{year}-{:02}-{:02}T{hour:02}-{minute:02}-{second:02}",
        month + 1,
        days + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_reads_as_a_date() {
        assert_eq!(stamp(0), "1970-01-01T00-00-00");
        assert_eq!(stamp(951_782_400), "2000-02-29T00-00-00");
        assert_eq!(stamp(1_795_298_709), "2026-11-21T22-05-09");
    }

    #[test]
    fn two_copies_within_a_second_are_two_folders() {
        let shelf = tempfile::tempdir().unwrap();
        let first = fresh(shelf.path(), "now").unwrap();
        assert_ne!(first, fresh(shelf.path(), "now").unwrap());
    }
}
