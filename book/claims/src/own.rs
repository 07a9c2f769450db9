//! What the kernel says of this very process: its files, its threads, what it has registered.

use std::collections::BTreeMap;
use std::fs;

use grader::kernel::epoll::{self, Registration};
use grader::kernel::files;
use grader::kernel::threads::{self, Thread};
use grader::{Checked, Stop, reach};
use rustix::process::getpid;
use rustix::thread::gettid;

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

/// Everything that this process has registered with epoll, by descriptor. Two descriptors of one
/// instance list the same.
#[must_use]
pub fn registrations() -> BTreeMap<i32, Registration> {
    let all = epoll::registrations(getpid()).into_iter();
    all.map(|registration| (registration.fd, registration))
        .collect()
}

/// How often an eventfd of this process has been written to and not been read since: what its
/// counter stands at.
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

/// Waits until every thread that the claim has started sleeps without a time-out, twice in a row
/// without having woken between, and returns those threads.
///
/// # Errors
/// Could not judge, when that is not seen; skipped, where this machine does not show it.
pub fn reach_rest() -> Checked<Vec<Thread>> {
    // Its own thread asks, and the first one is the test harness's.
    let not_mine = [gettid(), getpid()].map(|id| id.as_raw_nonzero().get());
    if let Err(error) = threads::calls_are_visible() {
        let words = format!("/proc/self/syscall cannot be read here: {error}");
        return Err(Stop::Skipped(words));
    }
    let mut before = Vec::new();
    reach("every thread asleep", || {
        let mut now = threads::of(getpid());
        now.retain(|thread| !not_mine.contains(&thread.id));
        let asleep = |thread: &Thread| thread.state == 'S' && thread.for_good;
        let rest = !now.is_empty() && now.iter().all(asleep) && now == before;
        before = now;
        rest
    })?;
    Ok(before)
}

/// How many of `threads` sleep in each call, in words: `1 in epoll_wait, 3 in futex`.
#[must_use]
pub fn told(threads: &[Thread]) -> String {
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for thread in threads {
        *calls.entry(thread.call.name()).or_default() += 1;
    }
    let told: Vec<String> = calls
        .iter()
        .map(|(call, n)| format!("{n} in {call}"))
        .collect();
    told.join(", ")
}
