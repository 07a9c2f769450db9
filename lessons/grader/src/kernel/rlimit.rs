//! The limits that the kernel holds every process to, and that `ulimit` shows: where each stands, and what to type.
//!
//! Invariant: what fails for want of one of these is nobody's mistake, and the words for it say which limit that is, where
//! it stands, what is needed, and what to type.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};

use crate::kernel::process;
use crate::wait;

/// One limit that the kernel holds every process to, and that `ulimit` shows.
pub(crate) struct Limit {
    pub(crate) resource: Resource,
    /// What it limits, and in what unit `ulimit` counts it.
    of: &'static str,
    /// The letter that `ulimit` knows it by.
    letter: char,
    /// Bytes, or pieces, in one unit of `ulimit`.
    unit: u64,
    /// With less than this, in units of `ulimit`, no check is begun: the kit itself could not work.
    pub(crate) least: u64,
    /// From this on, whatever fails in a program is not due to this limit; it is also what to type.
    enough: u64,
    /// What a program says that has come up against it, in Rust's words and in the C library's.
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

/// What is counted is all that the user runs, so these are the ones that are left.
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

/// Below this many, it is worth counting what the user runs: every process is looked at for that.
const WORTH_COUNTING: u64 = 4096;

impl Limit {
    /// What `ulimit` shows; `None` for `unlimited`, and where the kernel does not hold this user to it.
    fn shown(&self) -> Option<u64> {
        let shown = getrlimit(self.resource)
            .current
            .map(|limit| limit / self.unit)?;
        (self.resource != Resource::Nproc || !is_exempt()).then_some(shown)
    }

    /// How much of it a check can have: of processes, what nothing else of the user's has yet.
    pub(crate) fn left(&self) -> Option<u64> {
        let shown = self.shown()?;
        if self.resource != Resource::Nproc || shown >= WORTH_COUNTING {
            return Some(shown);
        }
        let run = process::tasks_of(getuid().as_raw());
        Some(shown.saturating_sub(run))
    }

    /// Where it stands, what is needed, where that is known, and what to type.
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

    /// Whether there is too little of it for any check. Another check that runs beside this one may have taken what there
    /// is of processes, and gives it back soon.
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

    pub(crate) fn is_among(&self, said: &[String]) -> bool {
        let says = |line: &String| self.said.iter().any(|words| line.contains(words));
        said.iter().any(says)
    }
}

/// Takes what the soft limits leave of the hard ones, once: a thousand clients need a thousand descriptors on this side
/// too, and programs inherit what is raised here.
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

/// What to do about an error that says that the machine has no more of something; `None` for any other.
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

/// What the kit wanted to do and could not, and what to do about it.
#[must_use]
pub fn refused(what: &str, error: &io::Error) -> String {
    match advice_on(error) {
        Some(advice) => format!("{what}: {error}. {advice}"),
        None => format!("{what}: {error}"),
    }
}

/// As [`refused`], of a process or a thread that could not be started: there, `EAGAIN` has this one meaning.
#[must_use]
pub fn not_started(what: &str, error: &io::Error) -> String {
    let what = format!("{what} cannot be started");
    if Errno::from_io_error(error) != Some(Errno::AGAIN) {
        return refused(&what, error);
    }
    // A thread without a stack is refused by the same error.
    let limit = if PROCESSES.shown().is_none() && ADDRESS_SPACE.is_low() {
        &ADDRESS_SPACE
    } else {
        &PROCESSES
    };
    format!("{what}: {error}. {}", limit.advice(None))
}

/// Whether the kernel lets this user start as many processes as it likes: the superuser, and a user with a right to that.
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
