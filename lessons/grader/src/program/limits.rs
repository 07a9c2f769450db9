//! Limits on a program, so that it cannot harm the machine: memory, output, files and processes
//! have bounds.
//!
//! Invariant: a program that goes beyond one of these bounds is killed, and the failure says which.

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group, prlimit};
use signal_hook::consts::SIGXFSZ;

use crate::kernel::process;
use crate::program::output::Output;

/// The most resident memory that the processes of a program's group may hold, in bytes. Address
/// space is no measure: fifty threads reserve 1 GB.
const MEMORY_BYTES: u64 = 512 << 20;
/// The most that a program may print, in bytes.
const OUTPUT_BYTES: u64 = 64 << 20;
/// The longest file that a program may write, in bytes. strace inherits this limit; its log stays
/// far below, with one line for each call.
const FILE_BYTES: u64 = 256 << 20;
/// The most processes in a program's group.
const PROCESSES: usize = 64;

/// What a program took too much of, and was killed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Resident memory.
    Memory,
    /// Bytes printed.
    Output,
    /// Processes.
    Processes,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => write!(
                f,
                "the program was killed when it held more than {} MiB",
                MEMORY_BYTES >> 20
            ),
            Self::Output => write!(
                f,
                "the program was killed when it had printed more than {} MiB",
                OUTPUT_BYTES >> 20
            ),
            Self::Processes => write!(
                f,
                "the program was killed when it had more than {PROCESSES} processes"
            ),
        }
    }
}

/// Bounds how much the program writes to the disk: a file grows no longer than that, and a killed
/// program leaves no core file. The kernel refuses only when the program has ended already.
pub(crate) fn limit_files_of(pid: Pid) {
    for (resource, bytes) in [(Resource::Fsize, FILE_BYTES), (Resource::Core, 0)] {
        let maximum = getrlimit(resource).maximum;
        let current = Some(maximum.map_or(bytes, |maximum| maximum.min(bytes)));
        let _ = prlimit(Some(pid), resource, Rlimit { current, maximum });
    }
}

/// The words for a program that was ended by this signal, if the kernel sends it for a file that
/// has grown too long.
pub(crate) fn file_too_long(signal: i32) -> Option<String> {
    (signal == SIGXFSZ).then(|| {
        format!(
            "the program was killed when it had written a file longer than {} MiB",
            FILE_BYTES >> 20
        )
    })
}

/// Watches the program on a thread of its own until the sender of `over` is dropped. The first
/// excess kills the program's group, and is set in the result.
///
/// # Errors
/// When there is no thread for it.
pub(crate) fn watch(
    pid: Pid,
    outputs: [Arc<Output>; 2],
    over: Receiver<()>,
) -> io::Result<Arc<OnceLock<Excess>>> {
    let found = Arc::new(OnceLock::new());
    let told = Arc::clone(&found);
    thread::Builder::new().spawn(move || {
        let mut looks = 0_u32;
        while over.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout) {
            // The table of all processes is read less often than the program's own entry: it costs
            // more.
            let whole_group = looks.is_multiple_of(8);
            looks = looks.wrapping_add(1);
            let Some(excess) = look(pid, &outputs, whole_group) else {
                continue;
            };
            let _ = told.set(excess);
            let _ = kill_process_group(pid, Signal::KILL);
            return;
        }
    })?;
    Ok(found)
}

fn look(pid: Pid, outputs: &[Arc<Output>], whole_group: bool) -> Option<Excess> {
    if outputs.iter().map(|output| output.bytes()).sum::<u64>() > OUTPUT_BYTES {
        return Some(Excess::Output);
    }
    // The program may have ended and left others of its group: then its own entry is missing.
    if process::look(pid).is_some_and(|p| p.resident_bytes > MEMORY_BYTES) {
        return Some(Excess::Memory);
    }
    if !whole_group {
        return None;
    }
    let group = pid.as_raw_nonzero().get();
    let members: Vec<_> = process::all()
        .into_iter()
        .filter(|p| p.group == group)
        .collect();
    if members.len() > PROCESSES {
        return Some(Excess::Processes);
    }
    (members.iter().map(|p| p.resident_bytes).sum::<u64>() > MEMORY_BYTES).then_some(Excess::Memory)
}
