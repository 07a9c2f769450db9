//! The known patterns: faults that the state of threads and sockets gives away.

use rustix::process::Pid;

use crate::diagnosis::sockets::{Asks, Interest, WatchedSocket};
use crate::kernel::tcp::State;
use crate::kernel::threads::{Call, Thread};
use crate::kernel::{epoll, files};

/// Says so when the program has as many files open as it may.
pub(super) fn out_of_files(pid: Pid) -> Option<String> {
    let (open, limit) = (files::of(pid).len(), files::limit(pid)?);
    (open >= limit).then(|| {
        format!("{open} files are open, as many as it may have: `accept` fails with EMFILE")
    })
}

/// Whether no more than one epoll instance is in use, under any number of descriptors. With
/// several, a thread may sleep in one while the event comes to another, and the patterns below do
/// not hold.
pub(super) fn has_one_epoll(pid: Pid) -> bool {
    let instances = epoll::instances(pid);
    let in_use = instances.iter().filter(|i| !i.watched.is_empty());
    in_use.count() <= 1
}

/// Names the known pattern behind what is seen, if there is one.
pub(super) fn diagnose(
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
