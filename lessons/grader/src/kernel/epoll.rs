//! What a program has registered with epoll (the `tfd` lines of `/proc/PID/fdinfo/FD`).

use std::fs;

use rustix::process::Pid;

use super::files;

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

/// Every registration of the process. An instance that has two descriptors is listed under both.
#[must_use]
pub fn registrations(pid: Pid) -> Vec<Registration> {
    files::of(pid)
        .into_iter()
        .filter(|file| file.target == "anon_inode:[eventpoll]")
        .flat_map(|file| watched_by(pid, file.fd))
        .collect()
}

/// What one epoll instance of the process watches, by the descriptor of the instance; empty when it is none.
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
    use super::*;

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
