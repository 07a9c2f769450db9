//! A program's registrations with epoll (the `tfd` lines of `/proc/PID/fdinfo/FD`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rustix::process::Pid;

use super::files;
use super::threads::{self, Call};

/// One descriptor that an epoll instance watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The descriptor of the epoll instance.
    pub epoll: i32,
    /// The descriptor it watches.
    pub fd: i32,
    /// The events asked for, and how: the bits of `EPOLLIN`, `EPOLLOUT`, `EPOLLET` and the others.
    pub events: u32,
    /// The number given at registration, handed back with each event: mio's token.
    pub data: u64,
}

impl Registration {
    /// `EPOLLIN`: the program wants to know when something can be read.
    #[must_use]
    pub fn wants_to_read(&self) -> bool {
        self.events & 0x1 != 0
    }

    /// `EPOLLOUT`: the program wants to know when something can be written.
    #[must_use]
    pub fn wants_to_write(&self) -> bool {
        self.events & 0x4 != 0
    }
}

/// One epoll instance of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Every descriptor of it, in order. A program may duplicate one, to wait with the first and
    /// register with the second.
    pub descriptors: Vec<i32>,
    /// The descriptors it watches, in order.
    pub watched: Vec<i32>,
    /// The ids of the threads that sleep in it.
    pub sleepers: Vec<i32>,
}

/// Every epoll instance of the process. Descriptors with the same registrations are taken for
/// descriptors of one instance. So all instances that watch nothing are taken for one.
#[must_use]
pub fn instances(pid: Pid) -> Vec<Instance> {
    let mut descriptors: BTreeMap<BTreeSet<(i32, u64)>, Vec<i32>> = BTreeMap::new();
    for epoll in descriptors_of(pid) {
        let watched = watched_by(pid, epoll);
        let watched = watched.iter().map(|r| (r.fd, r.data)).collect();
        descriptors.entry(watched).or_default().push(epoll);
    }
    let threads = threads::of(pid).into_iter();
    let asleep: Vec<(i32, i32)> = threads
        .filter(|thread| thread.sleeps_in(&[Call::Epoll]))
        .filter_map(|thread| Some((thread.id, waited_at(pid, thread.id)?)))
        .collect();
    let instance = |(watched, descriptors): (BTreeSet<(i32, u64)>, Vec<i32>)| Instance {
        sleepers: asleep
            .iter()
            .filter(|(_, epoll)| descriptors.contains(epoll))
            .map(|(thread, _)| *thread)
            .collect(),
        watched: watched.into_iter().map(|(fd, _)| fd).collect(),
        descriptors,
    };
    descriptors.into_iter().map(instance).collect()
}

/// The descriptor that a thread waits at: the first argument of every call of the family.
fn waited_at(pid: Pid, thread: i32) -> Option<i32> {
    let path = format!("/proc/{}/task/{thread}/syscall", pid.as_raw_nonzero());
    let (number, arguments) = threads::numbers(&fs::read_to_string(path).ok()?)?;
    let epoll = *arguments.first()?;
    (Call::from_number(number) == Call::Epoll).then_some(epoll as i32)
}

fn descriptors_of(pid: Pid) -> impl Iterator<Item = i32> {
    files::of(pid)
        .into_iter()
        .filter(|file| file.target == "anon_inode:[eventpoll]")
        .map(|file| file.fd)
}

/// Every registration of the process. An instance that has two descriptors is listed under both.
#[must_use]
pub fn registrations(pid: Pid) -> Vec<Registration> {
    descriptors_of(pid)
        .flat_map(|epoll| watched_by(pid, epoll))
        .collect()
}

/// The registrations of one epoll instance of the process, given a descriptor of the instance;
/// empty when `epoll` is none.
#[must_use]
pub fn watched_by(pid: Pid, epoll: i32) -> Vec<Registration> {
    let path = format!("/proc/{}/fdinfo/{epoll}", pid.as_raw_nonzero());
    let info = fs::read_to_string(path).unwrap_or_default();
    info.lines().filter_map(|line| parse(epoll, line)).collect()
}

/// `tfd: 5 events: 8000201d data: 1 pos:0 ino:… sdev:…`, the events and the data in hexadecimal.
fn parse(epoll: i32, line: &str) -> Option<Registration> {
    let mut words = line.strip_prefix("tfd:")?.split_ascii_whitespace();
    let fd = words.next()?.parse().ok()?;
    let events = u32::from_str_radix(words.nth(1)?, 16).ok()?;
    let data = u64::from_str_radix(words.nth(1)?, 16).ok()?;
    Some(Registration {
        epoll,
        fd,
        events,
        data,
    })
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::thread;
    use std::time::Instant;

    use rustix::event::epoll::{self as call, CreateFlags, EventData, EventFlags};
    use rustix::io::dup;
    use rustix::process::getpid;

    use super::*;
    use crate::wait;

    #[test]
    fn two_descriptors_of_one_instance_are_one_and_a_sleeper_is_seen_in_it() {
        let (watched, mut other_end) = UnixStream::pair().expect("a pair of sockets");
        let epoll = call::create(CreateFlags::CLOEXEC).expect("an epoll instance");
        let (data, in_) = (EventData::new_u64(7), EventFlags::IN);
        call::add(&epoll, &watched, data, in_).expect("a registration");
        let second = dup(&epoll).expect("a second descriptor");
        let expected = [epoll.as_raw_fd(), second.as_raw_fd()];
        let sleeper = thread::spawn(move || {
            let mut events = Vec::with_capacity(1);
            call::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)
        });
        let seen = wait::until(Instant::now() + wait::PATIENCE, || {
            let mut instances = instances(getpid()).into_iter();
            instances.find(|i| i.descriptors == expected && i.sleepers.len() == 1)
        });
        std::io::Write::write_all(&mut other_end, b"!").expect("a byte");
        sleeper.join().expect("no panic").expect("an event");
        assert_eq!(seen.map(|i| i.watched), Some(vec![watched.as_raw_fd()]));
    }

    #[test]
    fn a_line_tells_descriptor_events_and_data() {
        let line = "tfd:        4 events: 8000201d data:               11  pos:0 ino:2a sdev:8";
        let registration = parse(3, line).expect("a well-formed line");
        assert_eq!(
            (registration.epoll, registration.fd, registration.data),
            (3, 4, 0x11)
        );
        assert!(registration.wants_to_read() && registration.wants_to_write());
        assert_eq!(parse(3, "pos:\t0"), None);
    }
}
