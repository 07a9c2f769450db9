//! Observations: what the kernel shows of a program now. Nothing of it is kept.

use crate::kernel::epoll::{self, Instance, Registration};
use crate::kernel::files::{self, OpenFile};
use crate::kernel::poll::{self, Question};
use crate::kernel::process;
use crate::kernel::threads::{self, Thread};
use crate::program::Program;

impl Program {
    /// Its threads, as the kernel sees them now.
    #[must_use]
    pub fn threads(&self) -> Vec<Thread> {
        threads::of(self.0.pid)
    }

    /// Its open files now.
    #[must_use]
    pub fn open_files(&self) -> Vec<OpenFile> {
        files::of(self.0.pid)
    }

    /// Its registrations with epoll now.
    #[must_use]
    pub fn registrations(&self) -> Vec<Registration> {
        epoll::registrations(self.0.pid)
    }

    /// Its epoll instances now, and which of its threads sleep in which.
    #[must_use]
    pub fn epoll_instances(&self) -> Vec<Instance> {
        epoll::instances(self.0.pid)
    }

    /// The lists of its threads that are in `poll` just now.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        poll::questions(self.0.pid)
    }

    /// The memory it really occupies now, in bytes; 0 when it has ended.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        process::look(self.0.pid).map_or(0, |process| process.resident_bytes)
    }

    /// The address space it has reserved now, in bytes, used or not; 0 when it has ended.
    #[must_use]
    pub fn reserved_bytes(&self) -> u64 {
        process::look(self.0.pid).map_or(0, |process| process.reserved_bytes)
    }
}
