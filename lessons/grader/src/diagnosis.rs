//! The diagnosis of a program that does not do what it owes: its threads, its sockets, and the
//! known pattern behind them, as a senior engineer would look them up at that moment.
//!
//! Invariant: a diagnosis only observes; it does not decide whether a check is red.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::Pid;

use crate::cpu_use::CpuUse;
use crate::kernel::tcp::{self, Socket, State};
use crate::kernel::threads::{self, Call, Thread};
use crate::kernel::{epoll, files, poll};
use crate::protocol::is_ours;
use crate::words::count;

/// How many lines of output are quoted, and how many characters of each.
const QUOTED: usize = 3;
const QUOTED_CHARACTERS: usize = 200;
/// How many threads, and how many sockets, get a line each.
const SINGLE: usize = 4;
/// How long a program that does not sleep is observed.
const WINDOW: Duration = Duration::from_millis(100);

/// One socket of the program: its state in the kernel, and the program's interest in it.
struct WatchedSocket {
    /// Its descriptor in the program.
    fd: i32,
    socket: Socket,
    /// `None` when it stands in no list and no registration.
    interest: Option<Interest>,
    /// The name of the other end of a connection: `client`, where the program is a server.
    other: &'static str,
}

/// The readiness that the program asks for: reading, writing, both, or neither.
#[derive(Clone, Copy)]
struct Interest {
    read: bool,
    write: bool,
}

/// How the program asks about its sockets, as far as the kernel shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// By reading and writing them, one at a time.
    Directly,
    /// In a list that it gives to `poll`.
    Poll,
    /// By registrations with epoll.
    Epoll,
}

/// Describes a program, a line each: a diagnosis where the pattern is known, its threads and their
/// system calls, the processor time that it wants, its sockets where something waits. `listens`
/// says whether it is a server. Empty for a program that has ended.
///
/// The program is known by its process number alone: the caller finds out whether and how it has
/// ended.
pub(crate) fn of(pid: Pid, listens: bool) -> Vec<String> {
    let threads = threads::of(pid);
    if threads.iter().all(|t| t.state == 'Z') {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let (asks, sockets) = sockets_of(pid, listens);
    let asleep = threads.iter().all(|t| t.state == 'S' && t.for_good);
    let cpu_use = (!asleep).then(|| CpuUse::of(pid, WINDOW)).flatten();
    let spins = cpu_use.as_ref().is_some_and(CpuUse::spins);
    let short = shortage(pid).filter(|_| sockets.iter().any(WatchedSocket::is_waited_at));
    let diagnosis = || diagnose(asks, &threads, &sockets, spins);
    lines.extend(short.or_else(|| diagnosis().filter(|_| has_one_epoll(pid))));
    lines.extend(threads.iter().take(SINGLE).map(tell_thread));
    if threads.len() > SINGLE {
        lines.push(format!("… and {} more threads", threads.len() - SINGLE));
    }
    lines.extend(cpu_use.map(|cpu_use| cpu_use.tell()));
    let telling: Vec<String> = sockets.iter().filter_map(|w| w.tell(asks)).collect();
    lines.extend(telling.iter().take(SINGLE).cloned());
    if telling.len() > SINGLE {
        lines.push(format!("… and {} more sockets", telling.len() - SINGLE));
    }
    lines
}

/// Quotes the latest lines that a program has printed, to standard output and to standard error.
pub(crate) fn last_words(printed: [Vec<String>; 2]) -> Vec<String> {
    let mut lines = Vec::new();
    for (stream, printed) in ["printed", "printed to stderr"].iter().zip(printed) {
        let printed: Vec<_> = printed.iter().filter(|line| !is_ours(line)).collect();
        let from = printed.len().saturating_sub(QUOTED);
        if from > 0 {
            lines.push(format!("{stream}: …"));
        }
        let quoted = printed[from..].iter().map(|line| shortened(line));
        lines.extend(quoted.map(|line| format!("{stream}: {line}")));
    }
    lines
}

/// A line as it is quoted: one that is too long ends in `…`.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(QUOTED_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn sockets_of(pid: Pid, listens: bool) -> (Asks, Vec<WatchedSocket>) {
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

fn tell_thread(thread: &Thread) -> String {
    let Thread {
        id, call, for_good, ..
    } = thread;
    // Whether a read, a write or an accept has a time-out is a property of the socket, which the
    // kernel does not show.
    let may_have_one = matches!(call, Call::Read | Call::Write | Call::Accept);
    let time_out = if *for_good && !may_have_one {
        ", without a time-out"
    } else {
        ""
    };
    match (thread.state, call) {
        ('S' | 'D', call) => format!("thread {id} sleeps in {}{time_out}", call.name()),
        ('T', _) => format!("thread {id} is stopped"),
        (_, Call::Running) => format!("thread {id} runs its own code"),
        (_, call) => format!("thread {id} runs, just now in {}", call.name()),
    }
}

impl WatchedSocket {
    /// Says what waits at this socket and which readiness the program asks for there; `None` when
    /// nothing waits.
    fn tell(&self, asks: Asks) -> Option<String> {
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
    fn is_waited_at(&self) -> bool {
        self.socket.state == State::Listen && self.socket.receive_queue > 0
    }

    /// How many bytes, or clients, wait here.
    fn waiting(&self) -> String {
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

/// Says so when the program has as many files open as it may.
fn shortage(pid: Pid) -> Option<String> {
    let (open, limit) = (files::of(pid).len(), files::limit(pid)?);
    (open >= limit).then(|| {
        format!("{open} files are open, as many as it may have: `accept` fails with EMFILE")
    })
}

/// Whether no more than one epoll instance is in use, under any number of descriptors. With
/// several, a thread may sleep in one while the event comes to another, and the patterns below do
/// not hold.
fn has_one_epoll(pid: Pid) -> bool {
    let instances = epoll::instances(pid);
    let in_use = instances.iter().filter(|i| !i.watched.is_empty());
    in_use.count() <= 1
}

/// Names the known pattern behind what is seen, if there is one.
fn diagnose(
    asks: Asks,
    threads: &[Thread],
    sockets: &[WatchedSocket],
    spins: bool,
) -> Option<String> {
    if spins {
        let silent =
            |w: &&WatchedSocket| w.socket.state == State::CloseWait && w.socket.receive_queue == 0;
        let WatchedSocket { fd, other, .. } = sockets.iter().find(silent)?;
        return Some(format!(
            "the {other} of fd {fd} has said goodbye, and the program is busy: a read there returns 0 at once, every time"
        ));
    }
    let sleeps_in = |call| !threads.is_empty() && threads.iter().all(|t| t.sleeps_in(&[call]));
    let sleeps = match asks {
        Asks::Directly => false,
        Asks::Poll => sleeps_in(Call::Poll),
        Asks::Epoll => sleeps_in(Call::Epoll),
    };
    if !sleeps {
        return None;
    }
    let mut forgotten = sockets.iter().filter(|w| w.socket.receive_queue > 0);
    forgotten.find_map(|watched| {
        let (fd, waiting) = (watched.fd, watched.waiting());
        let done = if watched.socket.state == State::Listen {
            "accepted"
        } else {
            "read"
        };
        match (asks, watched.interest) {
            (Asks::Epoll, None) => Some(format!(
                "{waiting} at fd {fd}, which is not registered: no event will ever tell of it"
            )),
            (Asks::Epoll, Some(interest)) if interest.read => Some(format!(
                "{waiting} at fd {fd}, and its edge was already consumed: nobody has {done} until WouldBlock since"
            )),
            (Asks::Poll, None) => Some(format!(
                "{waiting} at fd {fd}, and poll is not asked about it: no answer will ever tell of it"
            )),
            (
                Asks::Poll,
                Some(Interest {
                    read: false,
                    write: false,
                }),
            ) => Some(format!(
                "{waiting} at fd {fd}, and poll is asked about it for nothing"
            )),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_where_a_character_ends_and_says_so() {
        let cut = shortened(&"ü".repeat(QUOTED_CHARACTERS + 1));
        assert_eq!(cut, "ü".repeat(QUOTED_CHARACTERS) + "…");
        assert_eq!(shortened("short"), "short");
    }
}
