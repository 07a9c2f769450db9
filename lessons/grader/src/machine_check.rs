//! Whether this machine lets a check judge: before it begins, and before it says that a program is wrong.
//!
//! Invariant: nothing is held against a program that has come up against a limit of this machine.

use std::io;
use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use rustix::io::Errno;
use rustix::process::{Pid, Resource, getrlimit};
use signal_hook::consts::SIGXCPU;

use crate::kernel::rlimit::{FILES, LIMITS, Limit, files_allowed};
use crate::kernel::{files, process, tcp, threads};
use crate::verdict::stop::{Checked, Stop};

/// So little room for address space is none: a thread takes a stack of 2 MiB and what lies around it.
const NO_ROOM_BYTES: u64 = 4 << 20;
/// With so few processes left, the next one may be refused: other checks run beside this one.
const NONE_LEFT: u64 = 2;

/// Looks at this machine before a check begins.
///
/// # Errors
/// Could not judge, when something is missing that every check needs.
pub(crate) fn look() -> Checked {
    if let Some(limit) = LIMITS.iter().find(|limit| limit.stays_short()) {
        return Err(Stop::CouldNotJudge(limit.advice(Some(limit.least))));
    }
    if !Path::new("/proc/self/stat").exists() {
        return Err(Stop::CouldNotJudge(
            "/proc is not there, and that is where a check sees what a program does. Type \
             `mount -t proc proc /proc`, or start the container with it, then check again"
                .into(),
        ));
    }
    // No byte is sent by that: the kernel looks for a way, and finds none.
    let way = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.connect("127.0.0.1:9"));
    way.map_err(|error| Stop::CouldNotJudge(no_way(&error)))
}

/// Adds to a check that could not judge what this machine has to do with that, as far as it can be seen.
pub(crate) fn with_the_machines_part(stop: Stop) -> Stop {
    match stop {
        Stop::CouldNotJudge(reason) if !tcp::is_told_over_netlink() => {
            Stop::CouldNotJudge(format!(
                "{reason}. The kernel does not tell of single sockets here (netlink, sock_diag), so each look takes long and \
             shows less: a container's seccomp profile decides that, and `modprobe tcp_diag inet_diag` may be missing"
            ))
        }
        other => other,
    }
}

/// What is said where this machine cannot talk to itself.
pub(crate) fn no_way(error: &io::Error) -> String {
    format!(
        "nothing reaches 127.0.0.1 here ({error}), and that is how a check talks to a program. Type \
         `ip link set lo up`, as root, then check again"
    )
}

/// Whether an error of `connect` says that there is no way at all, and not that nobody listens there.
pub(crate) fn is_no_way(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::NETDOWN | Errno::ADDRNOTAVAIL
    )
}

/// Could not judge: that many open files are needed, and there are not.
pub(crate) fn too_few_files(needed: usize) -> Stop {
    Stop::CouldNotJudge(FILES.advice(Some(needed as u64)))
}

/// A program that a check is about to call wrong.
pub(crate) struct Suspect<'a> {
    pub(crate) pid: Pid,
    pub(crate) ended: Option<ExitStatus>,
    /// Whatever was seen of it, and its latest words.
    pub(crate) said: &'a [String],
    /// Whether the kit has taken something from it on purpose.
    pub(crate) is_held_short: bool,
}

impl Suspect<'_> {
    /// Which of this machine's limits it has come up against, and what to type; `None` where it has come up against none.
    pub(crate) fn excuse(&self) -> Option<String> {
        let excused = LIMITS.iter().find(|limit| self.has_met(limit))?;
        Some(format!(
            "the program has come up against a limit of this machine, so what it does says nothing about it. {}",
            excused.advice(None)
        ))
    }

    fn has_met(&self, limit: &Limit) -> bool {
        if !limit.is_low() {
            return false;
        }
        if limit.is_among(self.said) && !self.is_held_short {
            return true;
        }
        match limit.resource {
            Resource::Nofile => {
                let open = files::of(self.pid).len();
                !self.is_held_short && open >= files_allowed()
            }
            Resource::Nproc => limit.left().is_some_and(|left| left <= NONE_LEFT),
            Resource::As => {
                let allowed = getrlimit(Resource::As).current.unwrap_or(u64::MAX);
                process::most_reserved_bytes(self.pid)
                    .is_some_and(|most| most + NO_ROOM_BYTES > allowed)
            }
            Resource::Cpu => {
                let signal = self.ended.and_then(|status| status.signal());
                signal == Some(SIGXCPU)
            }
            _ => false,
        }
    }
}

/// Skips, when this machine does not show the system calls that threads are in.
pub(crate) fn must_see_calls() -> Checked {
    threads::calls_are_visible().map_err(|error| {
        Stop::Skipped(format!(
            "/proc/PID/syscall cannot be read here ({error}); a plain Linux machine shows it"
        ))
    })
}
