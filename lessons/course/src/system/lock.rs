//! Locks between processes: one check at a time in a checkout, one user at a time of a scratch
//! folder.
//!
//! Invariant: a lock belongs to an open file (`flock`), so the kernel releases it when the process
//! ends, however it ends. A lock file that is left behind means nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, Result};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::catalog::workspace::Workspace;
use crate::error::Error;

/// Takes the checkout's lock for a check; it is held as long as the returned file lives.
///
/// # Errors
/// When another process holds it, or the checkout cannot be written to.
pub fn for_check(workspace: &Workspace) -> Result<File, Error> {
    let path = workspace.state().join("check.lock");
    let cannot_write = |error: std::io::Error| Error::cannot_write(&path, &error);
    fs::create_dir_all(workspace.state()).map_err(cannot_write)?;
    let mut file = open(&path).map_err(cannot_write)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            return Err(Error::AlreadyRunning {
                pid: holder(&mut file),
            });
        }
        Err(error) => return Err(cannot_write(error.into())),
    }
    // The number is only for the error above; the lock works without it.
    let _ = file
        .set_len(0)
        .and_then(|()| write!(file, "{}", std::process::id()));
    Ok(file)
}

/// Takes the lock at `path`, and waits while another process holds it: that one is building or
/// writing, which ends.
///
/// # Errors
/// When the file cannot be made.
pub fn wait_for(path: &Path) -> Result<File> {
    let file = open(path).with_context(|| format!("cannot open {}", path.display()))?;
    flock(&file, FlockOperation::LockExclusive)
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path());
        (folder, workspace)
    }

    #[test]
    fn a_second_check_is_told_who_runs_the_first() {
        let (_folder, workspace) = checkout();
        let _first = for_check(&workspace).unwrap();
        let error = for_check(&workspace).unwrap_err();
        assert!(
            matches!(error, Error::AlreadyRunning { pid: Some(pid) } if pid == std::process::id())
        );
    }

    #[test]
    fn a_lock_file_that_stayed_behind_is_no_obstacle() {
        let (_folder, workspace) = checkout();
        drop(for_check(&workspace).unwrap());
        assert!(for_check(&workspace).is_ok());
    }

    #[test]
    fn a_checkout_that_cannot_be_written_says_so() {
        let (folder, workspace) = checkout();
        fs::write(folder.path().join(".course"), "in the way").unwrap();
        assert!(matches!(for_check(&workspace), Err(Error::ReadOnly { .. })));
    }
}
