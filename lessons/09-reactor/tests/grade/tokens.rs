//! Tokens, as the kernel's side shows them: none is given twice.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use grader::kernel::{epoll, process};
use grader::{Checked, Explain, Steps, Stop, WakerProbe, check, violation};
use mio::event::Source;
use mio::net::{TcpStream, UdpSocket};
use mio::{Interest, Registry, Token};
use reactor::{Direction, Registration};
use rustix::process::getpid;

use crate::wire::{self, Peer};
use crate::{task, turning};

/// How many registrations are looked at, then only come and go, then are looked at again: where
/// sixteen bits number them, those at the end have the numbers of those at the beginning.
const LOOKED_AT: usize = 5_000;
const UNSEEN: usize = 3 * (1 << 16) - LOOKED_AT;
/// What all of those may leave behind: less than four bytes each, and more than
/// the kernel miscounts by.
const GROWTH_BYTES: u64 = 768 << 10;

/// No token is given twice while the reactor lives, and nothing is left of those that are gone. An
/// event for a source that was dropped in the same batch is never the newcomer's.
///
/// # Hint
/// A batch of events is a list of tokens as they were when the kernel was asked. What may have
/// happened to the second by the time that the first is dealt with?
///
/// # Hint
/// Never reuse a token: count them, or give each place in a list a generation that is part of the
/// token. How many generations are there, and what becomes of a place that has had them all?
///
/// # Hint
/// You may look a token up when its event has its turn, or all of them before the first
/// waker is called. What is not found is skipped; what was found is the old source's state,
/// and can do a newcomer no harm.
#[test]
fn a_token_is_never_used_twice() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| mean_nobody_else(steps, &bytes)).explain(
            "an event for a source that was dropped earlier in the batch does not reach a newcomer",
            "the events of a batch were fetched before its first waker was called, and that waker may drop sources and \
             register others. If a newcomer gets the token of a source that has gone, it gets that source's events too",
            "how a new token is chosen",
        )?;
        c.isolated(|steps| reach_nobody(steps, &bytes)).explain(
            "an event for a source that has gone reaches nobody, however late it comes",
            "the kernel tells of what it knows, and sometimes it still knows what you have forgotten: a duplicate of the descriptor \
             is enough. A token that leads to a place, and not to the one source that had it, hands such an event to the next",
            "what you compare when a token leads to a place where somebody else is by now",
        )?;
        c.isolated_for_long(are_all_different).explain(
            "thousands of registrations have as many different tokens",
            "an event may lie in a batch, or in the kernel, for longer than its source lives. Only a number that never \
             comes back can be told from one that means something else by now; one that comes back late causes \
             trouble seldom, and when it does, nobody knows why",
            "what becomes of a token when its source is gone, and how many different ones there can be",
        )
    });
}

/// How the kernel knows a descriptor, if it does.
pub(crate) fn registered(fd: RawFd) -> Option<epoll::Registration> {
    let all = epoll::registrations(getpid());
    all.into_iter().find(|r| r.fd == fd)
}

/// A source that the kernel is never told to forget.
struct Unforgotten(TcpStream);

impl Source for Unforgotten {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.0.register(registry, token, interest)
    }

    fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        Ok(())
    }
}

/// A source goes, the kernel does not know, and has an event for it when another has come.
fn reach_nobody(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (end, mut gone) = wire::connection()?;
    // Open for as long as this lives, so the kernel goes on watching it.
    let _duplicate = rustix::io::dup(&end)?;
    drop(wire::register(Unforgotten(end), Interest::READABLE)?);
    let (line, _peer) = wire::line()?;
    turning::settle(&mut reactor)?;
    let mut probe = WakerProbe::new();
    task::waits(&line, &mut probe)?;
    gone.send(bytes)?;
    gone.finish()?;
    steps.now("turns when there is an event for a source that has gone");
    turning::while_quiet(&mut reactor, &probe)?;
    let polled = task::poll_ready(&line, &mut probe, Direction::Read)?;
    if probe.wakes() > 0 || polled.is_ready() {
        return Err(violation(
            "an event came for a source that has gone, and a source that was registered afterwards has it",
        ));
    }
    Ok(())
}

/// One socket is registered and given back, thousands of times.
fn are_all_different(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let mut socket = UdpSocket::bind(([127, 0, 0, 1], 0).into())?;
    let mut tokens = Tokens::default();
    steps.now("registrations that come and go");
    for number in 1..=LOOKED_AT {
        socket = tokens.are_new(socket, number)?;
    }
    let before = resident_bytes()?;
    for _ in 0..UNSEEN {
        let registration = wire::register(socket, Interest::READABLE)?;
        socket = wire::must("`into_inner`", registration.into_inner())?;
    }
    leaves_nothing(before, UNSEEN, "were given back by `into_inner`")?;
    for number in (1..=LOOKED_AT).map(|later| LOOKED_AT + UNSEEN + later) {
        socket = tokens.are_new(socket, number)?;
    }
    turning::settle(&mut reactor)
}

/// The tokens that were seen.
#[derive(Default)]
struct Tokens {
    seen: BTreeSet<u64>,
    /// The descriptor of the epoll instance, once a registration was found there.
    epoll: Option<i32>,
}

impl Tokens {
    /// Registers the socket, looks up its token, which has to be a new one, and gives it back.
    fn are_new(&mut self, socket: UdpSocket, number: usize) -> Checked<UdpSocket> {
        let registration = wire::register(socket, Interest::READABLE)?;
        let fd = registration.get_ref().as_raw_fd();
        self.epoll = self.epoll.or_else(|| registered(fd).map(|r| r.epoll));
        let watched = self.epoll.map(|epoll| epoll::watched_by(getpid(), epoll));
        let Some(found) = watched.iter().flatten().find(|r| r.fd == fd) else {
            return Err(violation(
                "a socket was registered, and the kernel does not know of it",
            ));
        };
        if !self.seen.insert(found.data) {
            return Err(violation(format!(
                "registration {number} has token {}, and an earlier one had it",
                found.data
            )));
        }
        wire::must("`into_inner`", registration.into_inner())
    }
}

/// Fails when the memory has grown since.
pub(crate) fn leaves_nothing(before: u64, registrations: usize, how: &str) -> Checked {
    let grown = resident_bytes()?.saturating_sub(before);
    if grown <= GROWTH_BYTES {
        return Ok(());
    }
    Err(violation(format!(
        "{registrations} registrations {how}, not one is left, and the memory has grown by {} KiB",
        grown >> 10
    ))
    .explain(
        "a registration that has gone leaves no memory behind",
        "two know of a source besides its owner: the kernel, and whatever leads from a token to the state. A state that is \
         shared lives for as long as anybody holds it; when its owner has gone, the other has to let go of it too. So it \
         is with a place in a list that only grows: even empty, it is still there",
        "who holds the state of a source, and which of them is told when it ends, in each way that it can end",
    ))
}

pub(crate) fn resident_bytes() -> Checked<u64> {
    let shown = process::look(getpid()).map(|process| process.resident_bytes);
    shown.ok_or_else(|| Stop::CouldNotJudge("the kernel does not show this process".into()))
}

/// A registration that several hold.
type Held = Arc<Mutex<Option<Registration<TcpStream>>>>;

/// A registration that was made in a turn.
type Newcomer = Arc<Mutex<Option<(Registration<TcpStream>, Peer)>>>;

/// Two sockets are ready in one batch, and the waker of each drops the other
/// and registers a newcomer.
fn mean_nobody_else(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
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
        task::waits(line.as_ref().expect("nobody was woken yet"), probe)?;
        peer.send(bytes)?;
    }
    steps.now("a turn with two events, where the first waker drops the other's source and registers a new one");
    turning::until_told(&mut reactor)?;
    turning::settle(&mut reactor)?;
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
