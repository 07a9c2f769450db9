//! Registrations that end: what the kernel, and the memory, still know of them.

use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;

use grader::kernel::epoll;
use grader::{Checked, Explain, Steps, WakerProbe, check, violation};
use mio::event::Source;
use mio::{Interest, Registry, Token};
use reactor::Registration;
use rustix::process::getpid;

use crate::tokens::{leaves_nothing, registered, resident_bytes};
use crate::wire;
use crate::{task, turning};

/// How many registrations end in each way.
const DROPPED: usize = 60_000;

/// What `into_inner` gives back, and what a drop leaves behind, is no longer
/// registered with the kernel.
///
/// # Hint
/// Two parties know of a source. Which of them does your `into_inner` tell,
/// and which does your drop?
///
/// # Hint
/// `Registry::deregister` is `EPOLL_CTL_DEL`. That closing a descriptor makes epoll forget it is
/// true only as long as nobody has a duplicate.
#[test]
fn into_inner_gives_back_a_socket_that_is_no_longer_registered() {
    check(|c| {
        let bytes = c.payload(100);
        c.isolated(|steps| are_forgotten(steps, &bytes)).explain(
            "after `into_inner`, and after a drop, the kernel no longer has the socket registered",
            "epoll watches what is open, not your registration. As long as the socket, or a duplicate of its \
             descriptor, is open somewhere, it reports under a token that means nothing any more",
            "who calls `deregister`, in each way that a registration can end",
        )
    });
}

/// Nothing is kept of a registration that was dropped, that was refused, or whose end is refused.
///
/// # Hint
/// In which ways can a registration end? Who is told in each of them?
///
/// # Hint
/// The kernel may refuse to register: then the switchboard has to take the source back. It may
/// refuse to forget: then the switchboard forgets all the same.
#[test]
fn nothing_is_kept_of_what_has_gone() {
    check(|c| {
        c.isolated_for_long(are_not_kept).explain(
        "`Registration::new` passes on the kernel's refusal, a drop tells everybody, and `into_inner` errs only when the \
         kernel refuses to forget",
        "a registration that is not made has no owner who could end it, and one that the kernel refuses to forget has none \
         either, once it is gone",
        "what `Registration::new` does when the kernel refuses, and what both ends do when it refuses then",
    )
    });
}

/// A source that the kernel takes or refuses, and forgets or does not forget.
struct Refuses {
    registration: bool,
    end: bool,
}

fn refused_if(refused: bool) -> io::Result<()> {
    if refused {
        return Err(io::Error::from(ErrorKind::PermissionDenied));
    }
    Ok(())
}

impl Source for Refuses {
    fn register(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        refused_if(self.registration)
    }

    fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        refused_if(self.end)
    }
}

/// Registrations that are dropped, that were refused, and whose end is refused.
fn are_not_kept(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let ways: [(&str, Refuses); 3] = [
        (
            "were dropped",
            Refuses {
                registration: false,
                end: false,
            },
        ),
        (
            "were refused by the kernel",
            Refuses {
                registration: true,
                end: false,
            },
        ),
        (
            "came to an end that the kernel has refused",
            Refuses {
                registration: false,
                end: true,
            },
        ),
    ];
    for (how, Refuses { registration, end }) in ways {
        steps.now(&format!("registrations that {how}"));
        let mut before = None;
        for number in 0..DROPPED {
            let made = Registration::new(Refuses { registration, end }, Interest::READABLE);
            match made {
                Err(_) if registration => {}
                Ok(line) if !registration && (!end || number % 2 == 0) => drop(line),
                Ok(line) if !registration => {
                    if line.into_inner().is_ok() {
                        return Err(violation(
                            "the kernel has refused to forget a source, and `into_inner` returned it as if it had",
                        ));
                    }
                }
                made => {
                    return Err(violation(format!(
                        "registrations that {how}: `Registration::new` returned {:?}",
                        made.map(|_| "a registration")
                    )));
                }
            }
            // The first few may make room for those that follow.
            if number == DROPPED / 10 {
                before = Some(resident_bytes()?);
            }
        }
        leaves_nothing(before.unwrap_or_default(), DROPPED, how)?;
    }
    turning::settle(&mut reactor)
}

/// A source is given back; another is dropped while its descriptor lives on in a duplicate.
fn are_forgotten(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
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
    task::waits(&line, &mut probe)?;
    peer.send(bytes)?;
    steps.now("a turn of a second reactor, which has the socket now");
    turning::until_woken(&mut second, &probe, "the second reactor's task")?;
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
    let told = turning::turn(&mut reactor, std::time::Duration::ZERO)?;
    drop(duplicate);
    match told {
        0 => Ok(()),
        _ => Err(violation(
            "a turn has passed on an event of a socket that is no longer registered",
        )),
    }
}
