//! The options of a program's socket: the kernel lets the program's parent have a copy of it.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, socket_timeout};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

/// After how long a call at this socket of the process gives up; `None` when it waits for ever,
/// when `fd` is no socket, and where the kernel does not let anybody look.
#[must_use]
pub(crate) fn time_out(pid: Pid, fd: i32, direction: Timeout) -> Option<Duration> {
    socket_timeout(copy_of(pid, fd)?, direction).ok().flatten()
}

/// A descriptor of this process for what `fd` is in the other.
fn copy_of(pid: Pid, fd: i32) -> Option<OwnedFd> {
    let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    pidfd_getfd(&process, fd, PidfdGetfdFlags::empty()).ok()
}
