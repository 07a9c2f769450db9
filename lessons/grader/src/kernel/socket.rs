//! What a program has set on a socket of its own: the kernel lets its parent look at a copy.

use std::time::Duration;

use rustix::net::sockopt::{Timeout, socket_timeout};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

/// After how long a call at this socket of the process gives up; `None` when it waits for ever,
/// when `fd` is no socket, and where the kernel does not let anybody look.
#[must_use]
pub(crate) fn time_out(pid: Pid, fd: i32, direction: Timeout) -> Option<Duration> {
    let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    let socket = pidfd_getfd(&process, fd, PidfdGetfdFlags::empty()).ok()?;
    socket_timeout(&socket, direction).ok().flatten()
}
