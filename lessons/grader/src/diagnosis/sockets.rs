//! The sockets of a program: what waits at each, and which readiness the program asks for there.

use std::collections::BTreeMap;

use rustix::process::Pid;

use crate::kernel::tcp::{self, Socket, State};
use crate::kernel::{epoll, files, poll};
use crate::words::count;

/// One socket of the program: its state in the kernel, and the program's interest in it.
pub(super) struct WatchedSocket {
    /// Its descriptor in the program.
    pub(super) fd: i32,
    pub(super) socket: Socket,
    /// `None` when it stands in no list and no registration.
    pub(super) interest: Option<Interest>,
    /// The name of the other end of a connection: `client`, where the program is a server.
    pub(super) other: &'static str,
}

/// The readiness that the program asks for: reading, writing, both, or neither.
#[derive(Clone, Copy)]
pub(super) struct Interest {
    pub(super) read: bool,
    pub(super) write: bool,
}

/// How the program asks about its sockets, as far as the kernel shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// By reading and writing them, one at a time.
    Directly,
    /// In a list that it gives to `poll`.
    Poll,
    /// By registrations with epoll.
    Epoll,
}

/// The program's sockets, and how it asks about them. `listens` says whether it is a server.
pub(super) fn sockets_of(pid: Pid, listens: bool) -> (Asks, Vec<WatchedSocket>) {
    let table = tcp::sockets().unwrap_or_default();
    let (registrations, questions) = (epoll::registrations(pid), poll::questions(pid));
    let registered = registrations.iter().map(|r| {
        let interest = Interest {
            read: r.wants_to_read(),
            write: r.wants_to_write(),
        };
        (r.fd, interest)
    });
    let asked = questions.iter().map(|q| {
        let interest = Interest {
            read: q.wants_to_read(),
            write: q.wants_to_write(),
        };
        (q.fd, interest)
    });
    let interests: BTreeMap<i32, Interest> = registered.chain(asked).collect();
    let asks = match (registrations.is_empty(), questions.is_empty()) {
        (false, _) => Asks::Epoll,
        (true, false) => Asks::Poll,
        (true, true) => Asks::Directly,
    };
    let other = if listens { "client" } else { "other end" };
    let watched = |fd: i32, inode: u64| {
        let socket = table.iter().find(|s| s.inode == inode)?.clone();
        let interest = interests.get(&fd).copied();
        Some(WatchedSocket {
            fd,
            socket,
            interest,
            other,
        })
    };
    let files = files::of(pid);
    let sockets = files
        .iter()
        .filter_map(|file| watched(file.fd, file.socket_inode()?));
    (asks, sockets.collect())
}

impl WatchedSocket {
    /// Says what waits at this socket and which readiness the program asks for there; `None` when
    /// nothing waits.
    pub(super) fn tell(&self, asks: Asks) -> Option<String> {
        let Self {
            fd,
            socket,
            interest,
            other,
        } = self;
        let (unread, unsent) = (socket.receive_queue, socket.send_queue);
        let what = match socket.state {
            State::Listen if unread == 0 => return None,
            State::Listen => format!("fd {fd} listens: {} to be accepted", clients(unread)),
            State::CloseWait => {
                format!(
                    "fd {fd}: {unread} bytes unread, {unsent} on their way, {other} has said goodbye"
                )
            }
            _ if unread == 0 && unsent == 0 => return None,
            _ => format!("fd {fd}: {unread} bytes unread, {unsent} on their way to the {other}"),
        };
        let verb = match asks {
            Asks::Directly => return Some(what),
            Asks::Poll => "asked about",
            Asks::Epoll => "registered",
        };
        Some(match interest {
            Some(interest) => format!("{what}; {verb} {}", interest.tell()),
            None => format!("{what}; not {verb}"),
        })
    }

    /// Whether clients wait here to be accepted.
    pub(super) fn is_waited_at(&self) -> bool {
        self.socket.state == State::Listen && self.socket.receive_queue > 0
    }

    /// How many bytes, or clients, wait here.
    pub(super) fn waiting(&self) -> String {
        match self.socket.state {
            State::Listen => clients(self.socket.receive_queue),
            _ => count(self.socket.receive_queue, "byte waits", "bytes wait"),
        }
    }
}

impl Interest {
    fn tell(self) -> &'static str {
        match (self.read, self.write) {
            (true, true) => "for reading and writing",
            (true, false) => "for reading",
            (false, true) => "for writing",
            (false, false) => "for nothing",
        }
    }
}

fn clients(n: u64) -> String {
    count(n, "client waits", "clients wait")
}
