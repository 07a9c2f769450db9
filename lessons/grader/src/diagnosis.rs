//! The diagnosis of a program that does not do what it owes: its threads, its sockets, and the
//! known pattern behind them, as a senior engineer would look them up at that moment.
//!
//! Invariant: a diagnosis only observes; it does not decide whether a check is red.

use std::time::Duration;

use rustix::process::Pid;

use crate::cpu_use::CpuUse;
use crate::kernel::tcp::State;
use crate::kernel::threads::{self, Call, Thread};
use crate::protocol::is_ours;

mod patterns;
mod sockets;

use self::patterns::{diagnose, has_one_epoll, out_of_files};
use self::sockets::{WatchedSocket, sockets_of};

/// How many lines of output are quoted, and how many characters of each.
const QUOTED: usize = 3;
const QUOTED_CHARACTERS: usize = 200;
/// How many threads, and how many sockets, get a line each.
const SINGLE: usize = 4;
/// How long a program that does not sleep is observed.
const WINDOW: Duration = Duration::from_millis(100);

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
    let short = out_of_files(pid).filter(|_| sockets.iter().any(WatchedSocket::is_waited_at));
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

/// Whether bytes lie unread at a connection of the program.
pub(crate) fn bytes_lie_unread(pid: Pid) -> bool {
    let (_, sockets) = sockets_of(pid, true);
    let is_connection = |w: &&WatchedSocket| w.socket.state != State::Listen;
    let mut connections = sockets.iter().filter(is_connection);
    connections.any(|w| w.socket.receive_queue > 0)
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

fn tell_thread(thread: &Thread) -> String {
    let Thread { id, call, .. } = thread;
    let time_out = thread.tell_time_out();
    match (thread.state, call) {
        ('S' | 'D', call) => format!("thread {id} sleeps in {}{time_out}", call.name()),
        ('T', _) => format!("thread {id} is stopped"),
        (_, Call::Running) => format!("thread {id} runs its own code"),
        (_, call) => format!("thread {id} runs, just now in {}", call.name()),
    }
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
