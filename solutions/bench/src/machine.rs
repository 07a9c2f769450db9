//! The machine: what it is called, how many files it lets us open, and which core does what.

use std::fs;

use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::system::uname;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// What the figures were made on: processor, cores, kernel.
pub(crate) fn name() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor
        .lines()
        .find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let system = uname();
    format!(
        "{}, {cores} cores, {} {}",
        model.map_or("unknown processor", |(_, name)| name),
        system.sysname().to_string_lossy(),
        system.release().to_string_lossy(),
    )
}

/// Allows as many open files as may be allowed; programs that are started then inherit it.
pub(crate) fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it is refused, fewer connections are made, and the table says how many.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// How many connections this process may have, beside some other files.
pub(crate) fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_sub(100)
}

/// The cores that this process may use, as it begins.
pub(crate) fn cores() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU)
        .filter(|core| set.is_set(*core))
        .collect()
}

/// Keeps this thread on one core: the server and its load do not then change places.
pub(crate) fn stay_on(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    // Where it is refused the figures are less steady, and not wrong.
    let _ = sched_setaffinity(None, &set);
}
