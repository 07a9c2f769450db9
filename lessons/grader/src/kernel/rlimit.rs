//! The limits of this machine that `ulimit` shows: the value of each, and what to type.
//!
//! Invariant: a check never blames a program for one of these limits. The words for it name the
//! limit, its value, the value that is needed, and what to type.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};

use crate::kernel::process;
use crate::wait;

/// One limit that the kernel sets for every process, and that `ulimit` shows.
pub(crate) struct Limit {
    /// The kernel's name for it.
    pub(crate) resource: Resource,
    /// The thing that it limits, in words, with the unit of `ulimit`.
    of: &'static str,
    /// Its letter as an option of `ulimit`.
    letter: char,
    /// How many bytes, or pieces, are one unit of `ulimit`.
    unit: u64,
    /// With less than this, in units of `ulimit`, no check begins: the kit itself could not work.
    pub(crate) least: u64,
    /// With this or more, no failure of a program is due to this limit. It is also the value to
    /// type.
    enough: u64,
    /// The words in the output of a program that has come up against it: Rust's and the C
    /// library's.
    said: &'static [&'static str],
}

pub(crate) const FILES: Limit = Limit {
    resource: Resource::Nofile,
    of: "open files",
    letter: 'n',
    unit: 1,
    least: 32,
    enough: 1024,
    said: &["os error 24", "code: 24,", "Too many open files"],
};

/// The kernel counts all processes of the user, so `least` and `enough` are about those that are
/// left.
const PROCESSES: Limit = Limit {
    resource: Resource::Nproc,
    of: "processes and threads",
    letter: 'u',
    unit: 1,
    least: 16,
    enough: 256,
    said: NO_THREAD,
};

const ADDRESS_SPACE: Limit = Limit {
    resource: Resource::As,
    of: "address space, in KiB",
    letter: 'v',
    unit: 1 << 10,
    least: 512 << 10,
    // A hundred threads, each with a stack and an arena of its own.
    enough: 16 << 20,
    said: &[
        "os error 12",
        "code: 12,",
        "Cannot allocate memory",
        "memory allocation of",
        // A thread whose stack cannot be mapped is refused by this one too.
        "os error 11",
        "code: 11,",
        "failed to spawn thread",
    ],
};

const FILE_LENGTH: Limit = Limit {
    resource: Resource::Fsize,
    of: "the length of a file, in KiB",
    letter: 'f',
    unit: 1 << 10,
    least: 16 << 10,
    enough: 256 << 10,
    said: &["os error 27", "code: 27,", "File too large"],
};

const STACK: Limit = Limit {
    resource: Resource::Stack,
    of: "the stack, in KiB",
    letter: 's',
    unit: 1 << 10,
    least: 512,
    enough: 8 << 10,
    said: &[],
};

const TIME: Limit = Limit {
    resource: Resource::Cpu,
    of: "processor time, in seconds",
    letter: 't',
    unit: 1,
    least: 30,
    enough: 600,
    said: &[],
};

pub(crate) const LIMITS: [&Limit; 6] = [
    &FILES,
    &PROCESSES,
    &ADDRESS_SPACE,
    &FILE_LENGTH,
    &STACK,
    &TIME,
];

const NO_THREAD: &[&str] = &[
    "os error 11",
    "code: 11,",
    "failed to spawn thread",
    "Resource temporarily unavailable",
];

/// Only below this value does the kit count the user's processes, since it has to look at every
/// process for that.
const WORTH_COUNTING: u64 = 4096;

impl Limit {
    /// The value that `ulimit` shows; `None` for `unlimited`, and for a user whom the kernel does
    /// not limit.
    fn shown(&self) -> Option<u64> {
        let shown = getrlimit(self.resource)
            .current
            .map(|limit| limit / self.unit)?;
        (self.resource != Resource::Nproc || !is_exempt()).then_some(shown)
    }

    /// How much of it a check can have. Of processes, that is the part that the user's other
    /// programs do not have.
    pub(crate) fn left(&self) -> Option<u64> {
        let shown = self.shown()?;
        if self.resource != Resource::Nproc || shown >= WORTH_COUNTING {
            return Some(shown);
        }
        let run = process::tasks_of(getuid().as_raw());
        Some(shown.saturating_sub(run))
    }

    /// Says its value, the value that is needed, where that is known, and what to type.
    pub(crate) fn advice(&self, needed: Option<u64>) -> String {
        let Self { of, letter, .. } = self;
        let Some(shown) = self.shown() else {
            return format!(
                "`ulimit -{letter}` is unlimited here, so it is the machine, or the container, that has no more ({of})"
            );
        };
        let left = match self.left() {
            Some(left) if left < shown => format!(", of which {left} are left"),
            _ => String::new(),
        };
        let typed = match self.resource {
            Resource::Nofile => needed.unwrap_or(0).max(self.enough).to_string(),
            _ => "unlimited".into(),
        };
        let needed = match needed {
            Some(needed) => format!("at least {needed} are needed"),
            None => "that is too little".into(),
        };
        format!(
            "`ulimit -{letter}` is {shown} here ({of}){left}, and {needed}. Type `ulimit -{letter} {typed}`, \
             then check again; where the shell refuses that, the limit is a hard one, which a new terminal or the \
             machine's administrator can lift"
        )
    }

    /// Whether there is too little of it for any check. Processes may be short only because another
    /// check has them: then this waits until that check ends.
    pub(crate) fn stays_short(&self) -> bool {
        let is_short = || self.left().is_some_and(|left| left < self.least);
        let may_end = self.resource == Resource::Nproc
            && self.shown().is_some_and(|shown| shown >= 2 * self.least);
        let patience = if may_end {
            wait::PATIENCE
        } else {
            Duration::ZERO
        };
        is_short()
            && wait::until(Instant::now() + patience, || (!is_short()).then_some(())).is_none()
    }

    /// Whether something that failed may be due to it.
    pub(crate) fn is_low(&self) -> bool {
        self.left().is_some_and(|left| left < self.enough)
    }

    /// Whether one of these lines says that a program has come up against it.
    pub(crate) fn is_among(&self, said: &[String]) -> bool {
        let says = |line: &String| self.said.iter().any(|words| line.contains(words));
        said.iter().any(says)
    }
}

/// Raises the soft limits of this process to the hard ones: a thousand clients need a thousand
/// descriptors on this side too. Programs inherit the raised limits.
pub(crate) fn raise() {
    for limit in [&FILES, &PROCESSES, &ADDRESS_SPACE] {
        let Rlimit { maximum, .. } = getrlimit(limit.resource);
        let current = maximum;
        let _ = setrlimit(limit.resource, Rlimit { current, maximum });
    }
}

/// How many files this process may have open.
pub(crate) fn files_allowed() -> usize {
    let limit = getrlimit(FILES.resource).current;
    limit.map_or(usize::MAX, |limit| limit as usize)
}

/// The advice for an error that says that the machine has no more of something; `None` for any
/// other error.
fn advice_on(error: &io::Error) -> Option<String> {
    let errno = Errno::from_io_error(error)?;
    Some(match errno {
        Errno::MFILE => FILES.advice(None),
        Errno::NFILE => {
            "No program of this machine can open another file now: end some, then check again"
                .into()
        }
        Errno::NOMEM if ADDRESS_SPACE.shown().is_some() => ADDRESS_SPACE.advice(None),
        Errno::NOMEM => {
            "This machine has no memory left: end other programs, then check again".into()
        }
        Errno::NOSPC => {
            "The disk is full there: make room (`df -h` shows which one it is), then check again"
                .into()
        }
        Errno::DQUOT => {
            "Your share of the disk is used up (`quota`): make room, then check again".into()
        }
        _ => return None,
    })
}

/// Says what the kit could not do, and why, and what to do about it.
#[must_use]
pub fn refused(what: &str, error: &io::Error) -> String {
    match advice_on(error) {
        Some(advice) => format!("{what}: {error}. {advice}"),
        None => format!("{what}: {error}"),
    }
}

/// As [`refused`], for a process or a thread that could not be started: there, `EAGAIN` means a
/// limit.
#[must_use]
pub fn not_started(what: &str, error: &io::Error) -> String {
    let what = format!("{what} cannot be started");
    if Errno::from_io_error(error) != Some(Errno::AGAIN) {
        return refused(&what, error);
    }
    // A thread without room for its stack fails with the same error.
    let limit = if PROCESSES.shown().is_none() && ADDRESS_SPACE.is_low() {
        &ADDRESS_SPACE
    } else {
        &PROCESSES
    };
    format!("{what}: {error}. {}", limit.advice(None))
}

/// Whether the kernel lets this user start any number of processes: it exempts the superuser, and a
/// process with CAP_SYS_RESOURCE or CAP_SYS_ADMIN.
fn is_exempt() -> bool {
    const RESOURCE: u64 = 1 << 24;
    const ADMIN: u64 = 1 << 21;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let rights = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = rights.and_then(|rights| u64::from_str_radix(rights.trim(), 16).ok());
    getuid().is_root() || rights.is_some_and(|rights| rights & (RESOURCE | ADMIN) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_says_its_letter_and_what_to_type() {
        for limit in LIMITS {
            let advice = limit.advice(Some(limit.least));
            let letter = format!("`ulimit -{}", limit.letter);
            assert!(advice.contains(&letter), "{advice}");
            assert!(limit.least < limit.enough, "{advice}");
        }
    }

    #[test]
    fn an_error_of_the_machine_has_advice_and_another_has_none() {
        let full = io::Error::from_raw_os_error(Errno::NOSPC.raw_os_error());
        let told = refused("the trace cannot be written", &full);
        assert!(told.contains("df -h"), "{told}");
        let refusal = io::Error::from_raw_os_error(Errno::CONNREFUSED.raw_os_error());
        assert!(refused("a connection", &refusal).ends_with("(os error 111)"));
        let none = io::Error::from_raw_os_error(Errno::AGAIN.raw_os_error());
        let told = not_started("a thread of the grader's", &none);
        assert!(told.contains("ulimit -"), "{told}");
        assert!(refused("a socket", &none).ends_with("(os error 11)"));
    }
}
