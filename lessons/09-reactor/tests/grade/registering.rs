//! Sources that are registered while another thread sleeps in `turn`.

use std::io;
use std::task::Poll;
use std::time::{Duration, Instant};

use grader::kernel::threads::{self, Call, Thread};
use grader::{Checked, Explain, Steps, WakerProbe, check, violation, wait};
use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use reactor::Direction;
use rustix::process::getpid;

use crate::bell::a_thread_sleeps_in_turn;
use crate::wire;
use crate::{task, turning};

/// How long a registration lasts for its event to be fetched meanwhile, unless a lock is in the
/// way.
const MEANWHILE: Duration = Duration::from_secs(1);

/// A source can be registered while another thread sleeps in `turn`, and is heard of at once, even
/// if it has been ready for a long time.
///
/// # Hint
/// `turn` may sleep for hours. What must it not hold meanwhile?
///
/// # Hint
/// `Registry` needs no turn to end: `epoll_ctl` works while another thread is in
/// `epoll_wait` on the same instance.
///
/// # Hint
/// The first event may come before `register` has returned. Where does its token lead by then?
#[test]
fn registering_from_another_thread_works_while_it_sleeps() {
    check(|c| {
        let bytes = c.payload(100);
        turning::unless_it_ends(c.isolated(|steps| takes_sources_in_its_sleep(steps, &bytes))).explain(
            "while one thread sleeps in `turn`, others register and drop, and what they register wakes them",
            "a turn that holds a lock while it sleeps makes everybody wait for an event; and the event that they wait for \
             may be the one they were about to register",
            "what is locked while `Poll::poll` sleeps",
        )?;
        turning::unless_it_ends(c.isolated(|steps| hears_of_what_was_there(steps, &bytes))).explain(
            "a socket that has bytes already when it is registered is ready, or becomes so, even when the reactor \
             fetches its event before `register` has returned",
            "from the moment the kernel knows a source, its event may be fetched, by a thread that is already up. \
             A token that leads nowhere yet is skipped, and for bytes that lie there no second event comes",
            "who hears of a new source first, the kernel or the reactor",
        )
    });
}

/// Registers while the reactor's own thread is asleep, and hears what comes.
fn takes_sources_in_its_sleep(steps: &Steps, bytes: &[u8]) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    a_thread_sleeps_in_turn(steps)?;
    steps.now("`Registration::new`, while another thread sleeps in `turn`");
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    task::waits(&line, &mut probe)?;
    a_thread_sleeps_in_turn(steps)?;
    steps.now("the wake for bytes that came afterwards");
    peer.send(bytes)?;
    probe.woken()?;
    task::reads(&line, &mut probe, &mut [0; 4096], bytes.len())?;
    steps.now("the drop of a registration, while another thread sleeps in `turn`");
    a_thread_sleeps_in_turn(steps)?;
    drop(line);
    turning::ends(steps, background);
    Ok(())
}

/// A source that was ready before it is registered, and takes its time in the kernel: until
/// its event has been fetched.
struct Late(TcpStream);

impl Source for Late {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.0.register(registry, token, interest)?;
        // The kernel has woken the thread in the turn by now. When it sleeps again, it has dealt
        // with the event. Where it cannot, because somebody holds a lock meanwhile, it will later.
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

/// Registers a source that is ready already, and whose event is fetched before
/// its registration has ended.
fn hears_of_what_was_there(steps: &Steps, bytes: &[u8]) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    a_thread_sleeps_in_turn(steps)?;
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
    turning::ends(steps, background);
    Ok(())
}
