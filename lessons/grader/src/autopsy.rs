//! What a senior engineer would look up at the moment something did not happen.

use crate::kernel::tcp::{self, Socket, State};
use crate::kernel::threads::{Call, Thread};
use crate::program::Program;

/// Lines of output that are quoted.
const QUOTED: usize = 3;
/// Threads, and sockets, that are told of one by one.
const SINGLE: usize = 4;

/// The state of a program, a line each: a diagnosis where the pattern is known, threads and their system calls, sockets
/// with unread bytes, clients that wait, last words.
pub(crate) fn of(program: &Program) -> Vec<String> {
    let mut lines = Vec::new();
    let threads = program.threads();
    if program.ended().is_none() {
        let sockets = tcp::sockets().unwrap_or_default();
        lines.extend(diagnose(program, &threads, &sockets));
        lines.extend(threads.iter().take(SINGLE).map(tell_thread));
        if threads.len() > SINGLE {
            lines.push(format!("… and {} more threads", threads.len() - SINGLE));
        }
        lines.extend(tell_sockets(program, &sockets));
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

/// The program's sockets with bytes that nobody has read, and the clients that nobody has accepted.
fn tell_sockets(program: &Program, sockets: &[Socket]) -> Vec<String> {
    let files = program.open_files();
    let mut lines = Vec::new();
    for file in &files {
        let Some(socket) = file
            .socket_inode()
            .and_then(|inode| sockets.iter().find(|s| s.inode == inode))
        else {
            continue;
        };
        let fd = file.fd;
        let goodbye = if socket.state == State::CloseWait {
            ", and the client has said goodbye"
        } else {
            ""
        };
        match (socket.state, socket.receive_queue, socket.send_queue) {
            (State::Listen, 0, _) => {}
            (State::Listen, waiting, _) => lines.push(format!(
                "fd {fd} listens: {waiting} clients wait to be accepted"
            )),
            (_, 0, 0) if goodbye.is_empty() => {}
            (_, unread, unsent) => {
                lines.push(format!("fd {fd}: {unread} bytes unread, {unsent} bytes on their way to the client{goodbye}"));
            }
        }
    }
    if lines.len() > SINGLE {
        let more = lines.len() - SINGLE;
        lines.truncate(SINGLE);
        lines.push(format!("… and {more} more sockets"));
    }
    lines
}

/// The verdict in words, where the pattern is known.
fn diagnose(program: &Program, threads: &[Thread], sockets: &[Socket]) -> Option<String> {
    let asleep_in_epoll = !threads.is_empty()
        && threads
            .iter()
            .all(|t| t.state == 'S' && t.call == Call::Epoll);
    if !asleep_in_epoll {
        return None;
    }
    let registrations = program.registrations();
    for file in program.open_files() {
        let Some(socket) = file
            .socket_inode()
            .and_then(|inode| sockets.iter().find(|s| s.inode == inode))
        else {
            continue;
        };
        let (fd, unread) = (file.fd, socket.receive_queue);
        let registration = registrations.iter().find(|r| r.fd == fd);
        return Some(match (registration, socket.state) {
            (None, State::Listen) if unread > 0 => format!(
                "fd {fd} listens and is not registered with epoll: no event will ever tell of a client"
            ),
            (None, _) if unread > 0 => {
                format!(
                    "fd {fd} is open and not registered with epoll: no event will ever tell of its {unread} bytes"
                )
            }
            (Some(r), State::Listen) if unread > 0 && r.wants_to_read() => format!(
                "{unread} clients wait at fd {fd}, and its edge was already consumed: accept until WouldBlock"
            ),
            (Some(r), _) if unread > 0 && r.wants_to_read() => format!(
                "{unread} bytes are waiting in fd {fd}, and its edge was already consumed: read until WouldBlock"
            ),
            _ => continue,
        });
    }
    None
}
