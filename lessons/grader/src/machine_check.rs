//! Whether this machine lets a check judge: asked before a check begins, and before it calls a
//! program wrong.
//!
//! Invariant: a check that meets a limit of this machine could not judge; it is never red.

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

/// With less address space left than this, a program gets no further thread: a thread takes a stack
/// of 2 MiB and some room around it.
const NO_ROOM_BYTES: u64 = 4 << 20;
/// With this many processes left or fewer, the next one may be refused: other checks run beside
/// this one.
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
    // This sends no byte: for UDP, `connect` only looks for a route.
    let way = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.connect("127.0.0.1:9"));
    way.map_err(|error| Stop::CouldNotJudge(no_way(&error)))
}

/// Where a check could not judge, adds this machine's part in that, as far as it can be seen.
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

/// The words for a machine that cannot connect to itself.
pub(crate) fn no_way(error: &io::Error) -> String {
    format!(
        "nothing reaches 127.0.0.1 here ({error}), and that is how a check talks to a program. Type \
         `ip link set lo up`, as root, then check again"
    )
}

/// Whether an error of `connect` says that there is no route to the address, and not that no
/// program listens there.
pub(crate) fn is_no_way(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::NETDOWN | Errno::ADDRNOTAVAIL
    )
}

/// Could not judge: `needed` open files are more than this machine allows.
pub(crate) fn too_few_files(needed: usize) -> Stop {
    Stop::CouldNotJudge(FILES.advice(Some(needed as u64)))
}

/// A program that a check is about to call wrong.
pub(crate) struct Suspect<'a> {
    /// Its process number; its process may have ended.
    pub(crate) pid: Pid,
    /// How it ended; `None` while it runs.
    pub(crate) ended: Option<ExitStatus>,
    /// The latest lines that it has printed, and the check's own words for the fault that was seen.
    pub(crate) said: &'a [String],
    /// Whether the kit has lowered one of its limits on purpose.
    pub(crate) is_held_short: bool,
}

impl Suspect<'_> {
    /// Names the limit of this machine that the program has come up against, and what to type;
    /// `None` when there is no such limit.
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
