//! System calls, as far as a thread's sleep is concerned: by number, in families.

use std::time::Duration;

/// System calls in families: a check accepts any member of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `read`, `recvfrom`, `recvmsg`, `readv`.
    Read,
    /// `write`, `sendto`, `sendmsg`, `writev`.
    Write,
    /// `accept`, `accept4`.
    Accept,
    /// `poll`, `ppoll`, `select`, `pselect6`.
    Poll,
    /// `epoll_wait`, `epoll_pwait`, `epoll_pwait2`.
    Epoll,
    /// `futex`: a lock, a condition variable, a parked thread, a join.
    Futex,
    /// `nanosleep`, `clock_nanosleep`.
    Sleep,
    /// `restart_syscall`: any of the others with a time-out, after a stop and continue.
    Restart,
    /// Any other call, by number.
    Other(i64),
    /// No system call: the thread runs its own code, or waits for a core.
    Running,
}

impl Call {
    /// The name that learners know.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Read => "read (recvfrom)".into(),
            Self::Write => "write (sendto)".into(),
            Self::Accept => "accept".into(),
            Self::Poll => "poll".into(),
            Self::Epoll => "epoll_wait".into(),
            Self::Futex => "futex".into(),
            Self::Sleep => "nanosleep".into(),
            Self::Restart => "restart_syscall".into(),
            Self::Other(number) => format!("system call {number}"),
            Self::Running => "no system call".into(),
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn from_number(number: i64) -> Self {
        match number {
            0 | 19 | 45 | 47 => Self::Read,
            1 | 20 | 44 | 46 => Self::Write,
            43 | 288 => Self::Accept,
            7 | 23 | 270 | 271 => Self::Poll,
            232 | 281 | 441 => Self::Epoll,
            202 => Self::Futex,
            35 | 230 => Self::Sleep,
            219 => Self::Restart,
            other => Self::Other(other),
        }
    }

    #[cfg(target_arch = "aarch64")]
    pub(crate) fn from_number(number: i64) -> Self {
        match number {
            63 | 65 | 207 | 212 => Self::Read,
            64 | 66 | 206 | 211 => Self::Write,
            202 | 242 => Self::Accept,
            72 | 73 => Self::Poll,
            22 | 441 => Self::Epoll,
            98 => Self::Futex,
            101 | 115 => Self::Sleep,
            128 => Self::Restart,
            other => Self::Other(other),
        }
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(crate) fn from_number(number: i64) -> Self {
        Self::Other(number)
    }

    /// Whether the number is that of `poll` or `ppoll`, whose first two arguments are a list and
    /// its length; `select` is of the same family and has no such list.
    pub(crate) fn has_a_list(number: i64) -> bool {
        if cfg!(target_arch = "aarch64") {
            number == 73
        } else {
            cfg!(target_arch = "x86_64") && matches!(number, 7 | 271)
        }
    }

    /// The time-out of the call with these arguments, for the calls that take it in milliseconds.
    pub(super) fn milliseconds(self, number: i64, arguments: &[u64]) -> Option<Duration> {
        let place = match self {
            Self::Epoll if number != 441 => 3,
            Self::Poll if cfg!(target_arch = "x86_64") && number == 7 => 2,
            _ => return None,
        };
        let milliseconds = *arguments.get(place)? as i32;
        u64::try_from(milliseconds).ok().map(Duration::from_millis)
    }

    /// Whether the call, with these arguments, has no time-out. `epoll_wait` and `poll` take
    /// milliseconds, the younger calls a pointer that is null for "no time-out". The time-out of a
    /// read, a write or an accept is a property of the socket.
    pub(super) fn sleeps_for_good(self, number: i64, arguments: &[u64]) -> bool {
        let milliseconds_below_zero =
            |i: usize| arguments.get(i).is_some_and(|ms| (*ms as i32) < 0);
        let null = |i: usize| arguments.get(i) == Some(&0);
        match self {
            Self::Read | Self::Write | Self::Accept => true,
            Self::Epoll if number == 441 => null(3),
            Self::Epoll => milliseconds_below_zero(3),
            Self::Poll if cfg!(target_arch = "x86_64") && number == 7 => milliseconds_below_zero(2),
            Self::Poll if cfg!(target_arch = "x86_64") && number != 271 => null(4),
            Self::Poll if cfg!(target_arch = "aarch64") && number == 72 => null(4),
            Self::Poll => null(2),
            Self::Futex => null(3),
            Self::Sleep | Self::Restart | Self::Other(_) | Self::Running => false,
        }
    }
}
