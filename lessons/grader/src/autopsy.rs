//! What a senior engineer would look up at the moment something did not happen.

use std::time::Duration;

use crate::kernel::epoll::Registration;
use crate::kernel::tcp::{self, Socket, State};
use crate::kernel::threads::{Call, Thread};
use crate::program::Program;

/// Lines of output that are quoted.
const QUOTED: usize = 3;
/// Threads, and sockets, that are told of one by one.
const SINGLE: usize = 4;
/// How long a program that does not sleep is observed.
const WINDOW: Duration = Duration::from_millis(100);

/// One socket of the program: what the kernel keeps there, and what the program has registered.
struct Watched {
    fd: i32,
    socket: Socket,
    registration: Option<Registration>,
}

/// The state of a program, a line each: a diagnosis where the pattern is known, threads and their system calls, the
/// processor time it wants, sockets where something waits, last words.
pub(crate) fn of(program: &Program) -> Vec<String> {
    let mut lines = Vec::new();
    if program.ended().is_none() {
        let threads = program.threads();
        let sockets = sockets_of(program);
        let asleep = threads.iter().all(|t| t.state == 'S' && t.for_good);
        let conduct = (!asleep).then(|| program.observe(WINDOW).ok()).flatten();
        let spins = conduct.as_ref().is_some_and(|conduct| conduct.spins());
        lines.extend(diagnose(&threads, &sockets, spins));
        lines.extend(threads.iter().take(SINGLE).map(tell_thread));
        if threads.len() > SINGLE {
            lines.push(format!("… and {} more threads", threads.len() - SINGLE));
        }
        lines.extend(conduct.map(|conduct| conduct.tell()));
        let uses_epoll = sockets.iter().any(|watched| watched.registration.is_some());
        let telling: Vec<String> = sockets.iter().filter_map(|w| w.tell(uses_epoll)).collect();
        lines.extend(telling.iter().take(SINGLE).cloned());
        if telling.len() > SINGLE {
            lines.push(format!("… and {} more sockets", telling.len() - SINGLE));
        }
    }
    for (stream, printed) in ["printed", "printed to stderr"]
        .iter()
        .zip(program.last_lines())
    {
        let from = printed.len().saturating_sub(QUOTED);
        lines.extend(
            printed[from..]
                .iter()
                .map(|line| format!("{stream}: {line}")),
        );
    }
    lines
}

fn sockets_of(program: &Program) -> Vec<Watched> {
    let table = tcp::sockets().unwrap_or_default();
    let registrations = program.registrations();
    let watched = |fd: i32, inode: u64| {
        let socket = table.iter().find(|s| s.inode == inode)?.clone();
        let registration = registrations.iter().find(|r| r.fd == fd).copied();
        Some(Watched {
            fd,
            socket,
            registration,
        })
    };
    let files = program.open_files();
    files
        .iter()
        .filter_map(|file| watched(file.fd, file.socket_inode()?))
        .collect()
}

fn tell_thread(thread: &Thread) -> String {
    let Thread {
        id, call, for_good, ..
    } = thread;
    let time_out = if *for_good {
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

impl Watched {
    fn tell(&self, uses_epoll: bool) -> Option<String> {
        let Self {
            fd,
            socket,
            registration,
        } = self;
        let (unread, unsent) = (socket.receive_queue, socket.send_queue);
        let what = match socket.state {
            State::Listen if unread == 0 => return None,
            State::Listen => format!("fd {fd} listens: {} to be accepted", clients(unread)),
            State::CloseWait => format!(
                "fd {fd}: {unread} bytes unread, {unsent} on their way, client has said goodbye"
            ),
            _ if unread == 0 && unsent == 0 => return None,
            _ => format!("fd {fd}: {unread} bytes unread, {unsent} on their way to the client"),
        };
        Some(match registration {
            Some(registration) => format!("{what}; registered {}", interests(registration)),
            None if uses_epoll => format!("{what}; not registered"),
            None => what,
        })
    }
}

fn clients(count: u64) -> String {
    match count {
        1 => "1 client waits".into(),
        n => format!("{n} clients wait"),
    }
}

fn interests(registration: &Registration) -> &'static str {
    match (registration.wants_to_read(), registration.wants_to_write()) {
        (true, true) => "for reading and writing",
        (true, false) => "for reading",
        (false, true) => "for writing",
        (false, false) => "for nothing",
    }
}

/// The verdict in words, where the pattern is known.
fn diagnose(threads: &[Thread], sockets: &[Watched], spins: bool) -> Option<String> {
    let asleep_in = |call: Call| {
        !threads.is_empty() && threads.iter().all(|t| t.state == 'S' && t.call == call)
    };
    if spins {
        let gone = sockets
            .iter()
            .find(|w| w.socket.state == State::CloseWait && w.socket.receive_queue == 0)?;
        return Some(format!(
            "the client of fd {} has said goodbye, and the program is busy: a read there returns 0 at once, every time",
            gone.fd
        ));
    }
    if !asleep_in(Call::Epoll) {
        return None;
    }
    sockets.iter().find_map(|watched| {
        let (fd, unread) = (watched.fd, watched.socket.receive_queue);
        let listens = watched.socket.state == State::Listen;
        match watched.registration {
            _ if unread == 0 => None,
            None if listens => {
                Some(format!("fd {fd} listens and is not registered: no event will ever tell of a client"))
            }
            None => Some(format!("fd {fd} is not registered: no event will ever tell of its {unread} bytes")),
            Some(r) if !r.wants_to_read() => None,
            Some(_) if listens => Some(format!(
                "{} at fd {fd}, whose edge was already consumed: accept until WouldBlock",
                clients(unread)
            )),
            Some(_) => Some(format!(
                "{unread} bytes are waiting in fd {fd}, and its edge was already consumed: read until WouldBlock"
            )),
        }
    })
}
