//! Processes: their parents, groups and sessions, their time and their memory (`/proc/PID/stat`).

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::Pid;

/// One process, as `/proc/PID/stat` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    /// Its parent's id; 0 for the first process.
    pub parent: i32,
    /// Its process group; 0 for one that is led from outside the container.
    pub group: i32,
    /// Its session; 0 for one that is led from outside the container.
    pub session: i32,
    /// `R` running, `S` asleep, `T` stopped, `Z` ended and not yet waited for, and so on.
    pub state: char,
    /// Time on a core in code of its own, since it began; a multiple of a tick, which is 10 ms
    /// mostly.
    pub in_own_code: Duration,
    /// Time on a core in the kernel, in system calls, since it began; in ticks too.
    pub in_kernel: Duration,
    /// Address space it has reserved, in bytes, used or not.
    pub reserved_bytes: u64,
    /// Memory it really occupies, in bytes.
    pub resident_bytes: u64,
}

/// Every process there is.
#[must_use]
pub fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| look(Pid::from_raw(pid)?))
        .collect()
}

/// One process, or `None` when it is gone.
#[must_use]
pub fn look(pid: Pid) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The second field is the program's name in parentheses and may hold anything, so count from
    // its end.
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    let in_own_code = time(fields.nth(7)?)?;
    let in_kernel = time(fields.next()?)?;
    let reserved_bytes = fields.nth(7)?.parse().ok()?;
    let resident_pages: u64 = fields.next()?.parse().ok()?;
    Some(Process {
        pid,
        parent,
        group,
        session,
        state,
        in_own_code,
        in_kernel,
        reserved_bytes,
        resident_bytes: resident_pages * page_size() as u64,
    })
}

/// How many processes and threads the user has, as far as `/proc` shows them here: the number that
/// `ulimit -u` limits.
#[must_use]
pub(crate) fn tasks_of(user: u32) -> u64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    let tasks = |pid: i32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        // The first of the four numbers is the real user, for whom the limit counts.
        let owner: u32 = field(&status, "Uid:")?.parse().ok()?;
        (owner == user).then(|| field(&status, "Threads:")?.parse::<u64>().ok())?
    };
    entries
        .flatten()
        .filter_map(|entry| tasks(entry.file_name().to_str()?.parse().ok()?))
        .sum()
}

/// The most address space that the process has ever had, in bytes; `None` when it has ended.
#[must_use]
pub(crate) fn most_reserved_bytes(pid: Pid) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    let kib: u64 = field(&status, "VmPeak:")?.parse().ok()?;
    Some(kib << 10)
}

/// The memory that belongs to the process alone and to no file, in bytes: its heap and its stacks.
/// The kernel counts it page by page for this answer, where its running count of resident memory
/// may be off by some pages for each core. 0 when the process has ended.
#[must_use]
pub fn anonymous_bytes(pid: Pid) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", pid.as_raw_nonzero()));
    let kib = |rollup: String| field(&rollup, "Anonymous:")?.parse::<u64>().ok();
    match rollup.ok().and_then(kib) {
        Some(kib) => kib << 10,
        None => look(pid).map_or(0, |process| process.resident_bytes),
    }
}

/// The first word of a field of `/proc/PID/status`.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()
}

/// A number of ticks as a time.
fn time(ticks: &str) -> Option<Duration> {
    let ticks: u64 = ticks.parse().ok()?;
    Some(Duration::from_millis(
        ticks * 1000 / clock_ticks_per_second(),
    ))
}

/// Whether the process was started with exactly `variable` (`NAME=VALUE`) in its environment.
#[must_use]
pub fn was_started_with(pid: Pid, variable: &str) -> bool {
    has_in_environment(pid, |entry| entry == variable.as_bytes())
}

/// Whether the process was started with a variable of this name in its environment, with any value.
#[must_use]
pub fn was_started_with_any(pid: Pid, name: &str) -> bool {
    has_in_environment(pid, |entry| {
        entry
            .strip_prefix(name.as_bytes())
            .is_some_and(|rest| rest.first() == Some(&b'='))
    })
}

fn has_in_environment(pid: Pid, is_it: impl Fn(&[u8]) -> bool) -> bool {
    let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
    fs::read(Path::new(&path)).is_ok_and(|environ| environ.split(|b| *b == 0).any(is_it))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use rustix::process::getpid;

    use super::*;

    #[test]
    fn a_process_sees_itself() {
        let me = look(getpid()).expect("this process exists");
        assert!(me.resident_bytes > 100_000, "{me:?}");
        assert!(me.reserved_bytes > me.resident_bytes, "{me:?}");
        assert!(all().iter().any(|p| p.pid == me.pid));
    }

    #[test]
    fn a_child_that_leads_a_group_is_in_its_parents_session() {
        let mut child = Command::new("sleep")
            .arg("600")
            .process_group(0)
            .spawn()
            .expect("there is a sleep");
        let me = look(getpid()).expect("this process exists");
        let seen = look(Pid::from_child(&child)).expect("it is not waited for yet");
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        let (me_pid, pid) = (me.pid.as_raw_nonzero().get(), child.id().cast_signed());
        assert_eq!((seen.parent, seen.group), (me_pid, pid));
        assert_ne!(me.group, pid);
        assert_eq!(seen.session, me.session);
    }
}
