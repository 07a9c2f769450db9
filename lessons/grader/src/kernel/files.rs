//! A program's open files (`/proc/PID/fd`).

use std::fs;

use rustix::process::Pid;

/// One open file of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenFile {
    /// Its descriptor.
    pub fd: i32,
    /// The kernel's name for it: `socket:[1234]`, `anon_inode:[eventpoll]`, a path.
    pub target: String,
}

impl OpenFile {
    /// The inode when it is a socket; the table of sockets lists it by this number.
    #[must_use]
    pub fn socket_inode(&self) -> Option<u64> {
        self.target
            .strip_prefix("socket:[")?
            .strip_suffix(']')?
            .parse()
            .ok()
    }
}

/// Every open file of the process, in order of descriptors; empty when it has ended.
#[must_use]
pub fn of(pid: Pid) -> Vec<OpenFile> {
    let Ok(entries) = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())) else {
        return Vec::new();
    };
    let mut files: Vec<OpenFile> = entries
        .flatten()
        .filter_map(|entry| {
            let fd = entry.file_name().to_str()?.parse().ok()?;
            let target = fs::read_link(entry.path())
                .ok()?
                .to_string_lossy()
                .into_owned();
            Some(OpenFile { fd, target })
        })
        .collect();
    files.sort_by_key(|file| file.fd);
    files
}

/// How many files the process may have open, its soft limit; `None` when there is none, or when it
/// has ended.
#[must_use]
pub fn limit(pid: Pid) -> Option<usize> {
    let limits = fs::read_to_string(format!("/proc/{}/limits", pid.as_raw_nonzero())).ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
