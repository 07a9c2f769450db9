//! Control: a check stops a program and continues it, or lowers its limits while it runs.
//!
//! Invariant: a suspended program is stopped in every thread before the check goes on.

use std::sync::atomic::Ordering;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, kill_process_group, prlimit};

use crate::kernel::threads;
use crate::program::Program;
use crate::verdict::stop::Checked;
use crate::{machine_check, reach};

impl Program {
    /// Stops every thread of it, as Ctrl-Z would, and waits until the kernel shows them stopped.
    ///
    /// # Errors
    /// Could not judge, when they do not stop.
    pub fn suspend(&self) -> Checked {
        kill_process_group(self.0.pid, Signal::STOP)?;
        reach("the suspended program in state T", || {
            threads::all_stopped(self.0.pid)
        })
    }

    /// Continues it after [`Program::suspend`].
    ///
    /// # Errors
    /// Could not judge, when it cannot be continued.
    pub fn resume(&self) -> Checked {
        Ok(kill_process_group(self.0.pid, Signal::CONT)?)
    }

    /// Lets it open no more than `more` further files.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not allow it.
    pub fn limit_files(&self, more: usize) -> Checked {
        let taken: Vec<i32> = self.open_files().iter().map(|file| file.fd).collect();
        let last = (0..)
            .filter(|fd| !taken.contains(fd))
            .nth(more)
            .expect("descriptors are endless");
        let maximum = getrlimit(Resource::Nofile).maximum;
        let last = last as u64;
        if maximum.is_some_and(|maximum| maximum < last) {
            return Err(machine_check::too_few_files(last as usize));
        }
        self.0.held_short.store(true, Ordering::SeqCst);
        let limit = Rlimit {
            current: Some(last),
            maximum,
        };
        prlimit(Some(self.0.pid), Resource::Nofile, limit)?;
        Ok(())
    }

    /// Lets it open as many files as this machine allows, after [`Program::limit_files`].
    ///
    /// # Errors
    /// Could not judge, when the kernel does not allow it.
    pub fn allow_files(&self) -> Checked {
        let maximum = getrlimit(Resource::Nofile).maximum;
        let limit = Rlimit {
            current: maximum,
            maximum,
        };
        prlimit(Some(self.0.pid), Resource::Nofile, limit)?;
        Ok(())
    }

    /// Lets it reserve no more than `more_bytes` of further address space; with less than a stack
    /// it gets no further thread. `None` lifts that again, up to what this machine allows.
    ///
    /// # Errors
    /// Red, when it has ended; could not judge, when the kernel does not allow it.
    pub fn limit_address_space(&self, more_bytes: Option<u64>) -> Checked {
        let allowed = getrlimit(Resource::As);
        let current = match more_bytes.map(|more| self.reserved_bytes() + more) {
            Some(less) => Some(allowed.current.map_or(less, |allowed| allowed.min(less))),
            None => allowed.current,
        };
        self.0.held_short.store(true, Ordering::SeqCst);
        let limit = Rlimit {
            current,
            maximum: allowed.maximum,
        };
        match prlimit(Some(self.0.pid), Resource::As, limit) {
            Err(_) if self.ended().is_some() => Err(self.red("it is gone")),
            other => Ok(other.map(drop)?),
        }
    }
}
