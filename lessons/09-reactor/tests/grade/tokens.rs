//! Who is registered, seen from the kernel's side: under which token, and whether still.

use std::collections::BTreeSet;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use grader::kernel::{epoll, process};
use grader::{Checked, Steps, Stop, WakerProbe};
use mio::Interest;
use mio::net::{TcpStream, UdpSocket};
use reactor::{Direction, Registration};
use rustix::process::getpid;

use crate::wire::{self, Peer, violation};

/// How many registrations are looked at, and how many more only come and go.
const LOOKED_AT: usize = 10_000;
const UNSEEN: usize = 60_000;
/// What all of those may leave behind.
const GROWTH_BYTES: u64 = 2 << 20;

/// How the kernel knows a descriptor, if it does.
fn registered(fd: RawFd) -> Option<epoll::Registration> {
    let all = epoll::registrations(getpid());
    all.into_iter().find(|r| r.fd == fd)
}

/// One socket is registered and given back, thousands of times.
pub(crate) fn are_all_different(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let mut socket = UdpSocket::bind(([127, 0, 0, 1], 0).into())?;
    let (mut seen, mut epoll) = (BTreeSet::new(), None);
    steps.now("registrations that come and go");
    for number in 1..=LOOKED_AT {
        let registration = wire::register(socket, Interest::READABLE)?;
        let fd = registration.get_ref().as_raw_fd();
        let epoll = epoll.get_or_insert_with(|| registered(fd).map(|r| r.epoll));
        let watched = epoll.map(|epoll| epoll::watched_by(getpid(), epoll));
        let found = watched.iter().flatten().find(|r| r.fd == fd);
        let Some(token) = found.map(|found| found.data) else {
            return Err(violation(
                "a socket was registered, and the kernel does not know of it",
            ));
        };
        if !seen.insert(token) {
            return Err(violation(format!(
                "registration {number} has token {token}, and an earlier one has had it"
            )));
        }
        socket = wire::must("`into_inner`", registration.into_inner())?;
    }
    drop(seen);
    let before = resident_bytes()?;
    for _ in 0..UNSEEN {
        let registration = wire::register(socket, Interest::READABLE)?;
        socket = wire::must("`into_inner`", registration.into_inner())?;
    }
    let grown = resident_bytes()?.saturating_sub(before);
    if grown > GROWTH_BYTES {
        return Err(violation(format!(
            "{UNSEEN} registrations came and went, none is left, and {} KiB are",
            grown >> 10
        )));
    }
    wire::settle(&mut reactor)
}

fn resident_bytes() -> Checked<u64> {
    let shown = process::look(getpid()).map(|process| process.resident_bytes);
    shown.ok_or_else(|| Stop::CouldNotJudge("the kernel does not show this process".into()))
}

/// A registration that several hold.
type Held = Arc<Mutex<Option<Registration<TcpStream>>>>;

/// A registration that was made in a turn.
type Newcomer = Arc<Mutex<Option<(Registration<TcpStream>, Peer)>>>;

/// Two sockets are ready in one batch, and the waker of each drops the other and registers a newcomer.
pub(crate) fn mean_nobody_else(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let mut peers = Vec::new();
    let mut held: Vec<Held> = Vec::new();
    for _ in 0..2 {
        let (line, peer) = wire::line()?;
        held.push(Arc::new(Mutex::new(Some(line))));
        peers.push(peer);
    }
    let newcomer: Newcomer = Arc::default();
    let replacing = |other: &Held| {
        let (other, newcomer) = (Arc::clone(other), Arc::clone(&newcomer));
        move || {
            let mut newcomer = newcomer.lock().unwrap_or_else(PoisonError::into_inner);
            if newcomer.is_none() {
                drop(other.lock().unwrap_or_else(PoisonError::into_inner).take());
                *newcomer = wire::line().ok();
            }
        }
    };
    let mut probes = [
        WakerProbe::answering(replacing(&held[1])),
        WakerProbe::answering(replacing(&held[0])),
    ];
    for ((line, probe), peer) in held.iter().zip(&mut probes).zip(&mut peers) {
        let line = line.lock().unwrap_or_else(PoisonError::into_inner);
        wire::waits(line.as_ref().expect("nobody was woken yet"), probe)?;
        peer.send(bytes)?;
    }
    steps.now("a turn with two events, where the first waker drops the other's source and registers a new one");
    wire::turn_until_told(&mut reactor)?;
    wire::settle(&mut reactor)?;
    let newcomer = newcomer.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((line, _peer)) = newcomer.as_ref() else {
        return Err(violation("two sockets were ready, and no waker was called"));
    };
    let mut probe = WakerProbe::new();
    match probe.poll_with(|cx| line.poll_ready(cx, Direction::Read))? {
        Poll::Pending => Ok(()),
        Poll::Ready(_) => Err(violation(
            "nothing has come for the newcomer, and it is ready: the event was for a source that is gone",
        )),
    }
}

/// A source is given back; another is dropped while its descriptor lives on in a duplicate.
pub(crate) fn are_forgotten(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = wire::reactor()?;
    let others = epoll::registrations(getpid());
    let (line, mut peer) = wire::line()?;
    steps.now("`into_inner`");
    let source = wire::must("`into_inner`", line.into_inner())?;
    if registered(source.as_raw_fd()).is_some() {
        return Err(violation(
            "`into_inner` has returned, and the kernel still has the socket registered",
        ));
    }
    let mut second = wire::must("`Reactor::new`", reactor::Reactor::new())?;
    let entered = second.handle().enter();
    let line = wire::register(source, Interest::READABLE)?;
    let mut probe = WakerProbe::new();
    wire::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a turn of a second reactor, which has the socket now");
    wire::turn_until_woken(&mut second, &probe, "the second reactor's task")?;
    drop(entered);
    drop((line, second));
    steps.now("a drop, when the socket has a duplicate");
    let (end, mut peer) = wire::connection()?;
    let duplicate = rustix::io::dup(&end)?;
    drop(wire::register(end, Interest::READABLE)?);
    let left = epoll::registrations(getpid()).len();
    if left != others.len() {
        return Err(violation(format!(
            "a registration was dropped, and the kernel has {left} entries for {} that are alive: a duplicate of its \
             descriptor keeps it there",
            others.len()
        )));
    }
    peer.send(bytes)?;
    let told = wire::turn(&mut reactor, std::time::Duration::ZERO)?;
    drop(duplicate);
    match told {
        0 => Ok(()),
        _ => Err(violation(
            "a turn has passed on an event of a socket that is registered no more",
        )),
    }
}
