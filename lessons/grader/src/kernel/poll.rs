//! The list of a thread that sleeps in `poll`, read from the process's memory, where the arguments
//! of the system call point.
//!
//! `/proc/PID/syscall` names the list's address and length, `/proc/PID/mem` holds it. A process
//! that may trace the program can read both. Layout: `struct pollfd`, which is a descriptor, the
//! events asked for, and room for the answer.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use rustix::process::Pid;

use super::threads::{self, Call};

/// The size of a `struct pollfd`.
const ENTRY_BYTES: usize = 8;
/// More entries than any program under judgement has: a longer list was read while it changed.
const MOST: usize = 100_000;

/// One entry of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The descriptor that it is about; the kernel ignores an entry whose descriptor is negative.
    pub fd: i32,
    /// The events asked for: the bits of `POLLIN`, `POLLOUT` and the others.
    pub events: u16,
}

impl Question {
    /// `POLLIN`: the program wants to know when something can be read.
    #[must_use]
    pub fn wants_to_read(&self) -> bool {
        self.events & 0x1 != 0
    }

    /// `POLLOUT`: the program wants to know when something can be written.
    #[must_use]
    pub fn wants_to_write(&self) -> bool {
        self.events & 0x4 != 0
    }
}

/// The entries of all threads of the process that are in `poll` just now, in the order of their
/// lists; empty when no thread is in `poll`, or when this machine does not show the lists.
#[must_use]
pub fn questions(pid: Pid) -> Vec<Question> {
    let tasks = threads::of(pid).into_iter();
    tasks
        .filter(|thread| thread.call == Call::Poll)
        .filter_map(|thread| list_of(pid, thread.id))
        .flatten()
        .collect()
}

fn list_of(pid: Pid, thread: i32) -> Option<Vec<Question>> {
    let process = format!("/proc/{}", pid.as_raw_nonzero());
    let line = fs::read_to_string(format!("{process}/task/{thread}/syscall")).ok()?;
    let (number, arguments) = threads::numbers(&line)?;
    if !Call::has_a_list(number) {
        return None;
    }
    let &[place, length, ..] = arguments.as_slice() else {
        return None;
    };
    let length = usize::try_from(length).ok().filter(|n| *n <= MOST)?;
    let mut list = vec![0; length * ENTRY_BYTES];
    let memory = File::open(format!("{process}/mem")).ok()?;
    memory.read_exact_at(&mut list, place).ok()?;
    Some(list.chunks_exact(ENTRY_BYTES).map(parse).collect())
}

fn parse(entry: &[u8]) -> Question {
    Question {
        fd: i32::from_ne_bytes([entry[0], entry[1], entry[2], entry[3]]),
        events: u16::from_ne_bytes([entry[4], entry[5]]),
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::thread;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::getpid;

    use super::*;

    #[test]
    fn a_thread_asleep_in_poll_shows_what_it_asks() {
        let (one, other) = UnixStream::pair().expect("a pair of sockets");
        let (silent, other_end) = UnixStream::pair().expect("a pair of sockets");
        let asked = [
            (one.as_raw_fd(), PollFlags::IN | PollFlags::PRI),
            (silent.as_raw_fd(), PollFlags::IN),
        ]
        .map(|(fd, flags)| Question {
            fd,
            events: flags.bits(),
        });
        let asker = thread::spawn(move || {
            let flags = [PollFlags::IN | PollFlags::PRI, PollFlags::IN];
            let mut list = [PollFd::new(&one, flags[0]), PollFd::new(&silent, flags[1])];
            poll(&mut list, None)
        });
        // Threads of other tests in this process may be in poll as well.
        crate::reach("the list of a thread asleep in poll", || {
            questions(getpid()).windows(2).any(|window| window == asked)
        })
        .expect("the list is shown");
        assert!(asked.iter().all(Question::wants_to_read));
        assert!(!asked.iter().any(Question::wants_to_write));
        drop((other, other_end));
        asker.join().expect("the asker ends").expect("an answer");
    }
}
