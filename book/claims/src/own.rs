//! What the kernel says of this very process: its files, its threads, what it has registered.

use std::collections::BTreeMap;
use std::fs;

use grader::kernel::epoll::{self, Registration};
use grader::kernel::files;
use grader::kernel::threads::{self, Thread};
use grader::{Checked, Stop};
use rustix::process::getpid;

/// The descriptors of this process whose file is called `name`: `eventpoll`, `eventfd`, `timerfd`.
#[must_use]
pub fn anonymous(name: &str) -> Vec<i32> {
    let target = format!("anon_inode:[{name}]");
    let files = files::of(getpid()).into_iter();
    files
        .filter(|file| file.target == target)
        .map(|file| file.fd)
        .collect()
}

/// What `/proc/self/fdinfo` says of a descriptor.
///
/// # Errors
/// Could not judge, when there is no such descriptor.
pub fn fdinfo(fd: i32) -> Checked<String> {
    Ok(fs::read_to_string(format!("/proc/self/fdinfo/{fd}"))?)
}

/// Everything that this process has registered with epoll, by descriptor. Two descriptors of one instance list the same.
#[must_use]
pub fn registrations() -> BTreeMap<i32, Registration> {
    let all = epoll::registrations(getpid()).into_iter();
    all.map(|registration| (registration.fd, registration))
        .collect()
}

/// How often an eventfd of this process has been written to and not been read since: what its counter stands at.
///
/// # Errors
/// Could not judge, when the process has not exactly one, or this kernel does not tell.
pub fn eventfd_count() -> Checked<u64> {
    let fds = anonymous("eventfd");
    let [fd] = fds[..] else {
        let words = format!("there are {} eventfds, and one was to be read", fds.len());
        return Err(Stop::CouldNotJudge(words));
    };
    let info = fdinfo(fd)?;
    let count = info
        .lines()
        .find_map(|line| line.strip_prefix("eventfd-count:"))
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    count.ok_or_else(|| {
        Stop::Skipped("this kernel does not show an eventfd's count in fdinfo".into())
    })
}

/// The threads of this process.
///
/// # Errors
/// Skipped, where this machine does not show what calls they sleep in.
pub fn threads() -> Checked<Vec<Thread>> {
    match threads::calls_are_visible() {
        Ok(()) => Ok(threads::of(getpid())),
        Err(error) => Err(Stop::Skipped(format!(
            "/proc/self/syscall cannot be read here: {error}"
        ))),
    }
}
