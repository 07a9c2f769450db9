//! A reactor on a thread of its own, and the same turned by hand.

use std::io::{self, Read};
use std::task::Poll;
use std::time::{Duration, Instant};

use grader::kernel::threads::{self, Call, Thread};
use grader::{Checked, Steps, WakerProbe, wait};
use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use reactor::{Direction, Handle, Registration};
use rustix::process::getpid;

use crate::ending::a_thread_sleeps_in_turn;
use crate::wire::{self, Peer, violation};

/// How long a registration lasts for its event to be fetched meanwhile, unless a lock is in the way.
const MEANWHILE: Duration = Duration::from_secs(1);

/// Registers while the reactor's own thread is asleep, and hears what comes.
pub(crate) fn takes_sources_in_its_sleep(steps: &Steps, bytes: &[u8]) -> Checked {
    let (reactor, _entered) = wire::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    a_thread_sleeps_in_turn()?;
    steps.now("`Registration::new`, while another thread sleeps in `turn`");
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    wire::waits(&line, &mut probe)?;
    a_thread_sleeps_in_turn()?;
    steps.now("the wake for bytes that came afterwards");
    peer.send(bytes)?;
    probe.woken()?;
    wire::reads(&line, &mut probe, &mut [0; 4096], bytes.len())?;
    steps.now("the drop of a registration, while another thread sleeps in `turn`");
    a_thread_sleeps_in_turn()?;
    drop(line);
    drop(background);
    Ok(())
}

/// A source that was ready before it is registered, and takes its time in the kernel: until its event has been fetched.
struct Late(TcpStream);

impl Source for Late {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.0.register(registry, token, interest)?;
        // The kernel has woken the thread in the turn by now. When it sleeps again, it has dealt with the event. Where
        // it cannot, because somebody holds a lock meanwhile, it will later.
        let _ = wait::until(Instant::now() + MEANWHILE, || {
            let sleeps = |t: &Thread| t.sleeps_in(&[Call::Epoll]);
            threads::of(getpid()).iter().any(sleeps).then_some(())
        });
        Ok(())
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.0.reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.0.deregister(registry)
    }
}

/// Registers a source that is ready already, and whose event is fetched before its registration has ended.
pub(crate) fn hears_of_what_was_there(steps: &Steps, bytes: &[u8]) -> Checked {
    let (reactor, _entered) = wire::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    a_thread_sleeps_in_turn()?;
    let (end, mut peer) = wire::connection()?;
    peer.send(bytes)?;
    steps.now("`Registration::new` of a socket that has bytes already, while another thread turns");
    let line = wire::register(Late(end), Interest::READABLE)?;
    let mut probe = WakerProbe::new();
    match probe.poll_with(|cx| line.poll_ready(cx, Direction::Read))? {
        Poll::Ready(Ok(_)) => {}
        Poll::Pending => {
            let woken = || (probe.wakes() > 0).then_some(());
            wait::until(Instant::now() + Duration::from_secs(2), woken).ok_or_else(|| {
                violation(
                    "bytes lay there when `Registration::new` was called; `poll_ready` is pending, and nobody was woken",
                )
            })?;
        }
        Poll::Ready(Err(error)) => {
            return Err(violation(format!("`poll_ready` failed: {error}")));
        }
    }
    drop(background);
    Ok(())
}

/// The same story twice: turned by hand, and in the background.
pub(crate) fn tells_the_same(steps: &Steps, messages: &[Vec<u8>]) -> Checked {
    let (mut reactor, entered) = wire::reactor()?;
    let by_hand = story(
        steps,
        "turned by hand",
        &reactor.handle(),
        messages,
        |probe| wire::turn_until_woken(&mut reactor, probe, "the task").map(drop),
    )?;
    drop((reactor, entered));
    let (reactor, _entered) = wire::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    let handle = background.handle().clone();
    let by_itself = story(
        steps,
        "in the background",
        &handle,
        messages,
        WakerProbe::woken,
    )?;
    if by_hand != by_itself {
        return Err(violation(format!(
            "turned by hand the reads brought {by_hand:?}, and in the background {by_itself:?}"
        )));
    }
    let (line, _peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    wire::waits(&line, &mut probe)?;
    steps.now("the drop of the background");
    drop(background);
    probe.woken()?;
    let sleeps = |t: &Thread| t.sleeps_in(&[Call::Epoll]);
    let gone = || (!threads::of(getpid()).iter().any(sleeps)).then_some(());
    wait::until(Instant::now() + Duration::from_secs(2), gone).ok_or_else(|| {
        violation("the background was dropped, and its thread still sleeps in epoll_wait")
    })
}

/// Three messages with an `unpark` between, then the goodbye. Returns how many bytes each read brought.
fn story(
    steps: &Steps,
    how: &str,
    handle: &Handle,
    messages: &[Vec<u8>],
    wake_of: impl FnMut(&WakerProbe) -> Checked,
) -> Checked<Vec<usize>> {
    let (line, mut peer) = wire::line()?;
    let mut task = Task {
        line,
        probe: WakerProbe::new(),
        wake_of,
    };
    let mut reads = Vec::new();
    for (number, message) in (1..).zip(messages) {
        steps.now(&format!("message {number} of a reactor {how}"));
        reads.push(task.hears(&mut peer, |peer| peer.send(message))?);
        handle.unpark();
    }
    steps.now(&format!("the goodbye, to a reactor {how}"));
    reads.push(task.hears(&mut peer, Peer::finish)?);
    Ok(reads)
}

/// Reads from one registration, and waits in its own way to be woken.
struct Task<W> {
    line: Registration<TcpStream>,
    probe: WakerProbe,
    wake_of: W,
}

impl<W: FnMut(&WakerProbe) -> Checked> Task<W> {
    /// Is pending, until `happens` happens; then reads.
    fn hears(
        &mut self,
        peer: &mut Peer,
        happens: impl FnOnce(&mut Peer) -> Checked,
    ) -> Checked<usize> {
        let mut happens = Some(happens);
        loop {
            let read = |mut source: &TcpStream| source.read(&mut [0; 4096]);
            match self
                .probe
                .poll_with(|cx| self.line.poll_io(cx, Direction::Read, read))?
            {
                Poll::Ready(Ok(bytes)) if happens.is_none() => return Ok(bytes),
                Poll::Ready(answer) => {
                    return Err(violation(format!("`poll_io` returned `Ready({answer:?})`")));
                }
                Poll::Pending => {
                    happens.take().map_or(Ok(()), |happens| happens(peer))?;
                    (self.wake_of)(&self.probe)?;
                }
            }
        }
    }
}
