//! The gaps of a poll: events that come where there is no waker yet.

use std::io::Read;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use grader::{Checked, Explain, Steps, WakerProbe, check, violation, wait, when_cloned};
use mio::net::TcpStream;
use reactor::{Direction, Reactor, Registration};

use crate::wire::{self, Peer};
use crate::{task, turning};

/// How long the two threads race against each other.
const RACE: Duration = Duration::from_millis(250);
/// How long a clone lasts for an event to come meanwhile, unless a lock is in its way.
const MEANWHILE: Duration = Duration::from_secs(2);

/// Bytes, and the turns that pass on their event, on a thread of their own.
type Event = JoinHandle<Checked<(Reactor, Peer)>>;

/// An event that comes when a read was refused and no waker has been left yet is found by the poll
/// that follows, even when the reactor turns on another thread, at the very same moment, and while
/// the poll clones its waker.
///
/// # Hint
/// Between the refused read and the stored waker there is a moment in which nobody waits. What
/// becomes of an event that comes then?
///
/// # Hint
/// An event has to leave something behind, whether somebody waits or not. And a poll must not leave
/// its waker without having looked for that.
///
/// # Hint
/// Look and leave the waker under one and the same lock, with a clone that was made
/// before; the event sets readiness and takes the waker under that lock too. Or look
/// again when the waker is left.
#[test]
fn an_event_between_would_block_and_the_waker_is_not_lost() {
    check(|c| {
        let (bytes, seed) = (c.payload(100), c.payload(997));
        let expected = "an event that comes between the refused read and the waker is found by the poll that leaves the waker";
        let why = "the edge is told once, and at that moment there is nobody to wake. It has to be written down, and \
                   looked for in the same step in which the waker is left";
        c.isolated(|steps| outlives_a_refusal(steps, &bytes))
            .explain(expected, why, "what an event does where no waker is")?;
        c.isolated(|steps| outlives_a_look(steps, &bytes)).explain(
            expected,
            "the look and the leaving are two steps there, and an event may come between them. It finds no waker, and sets \
             a flag that this poll has looked at already; the waker is left for an event that has been and gone",
            "what lies between the look at the readiness and the place where the waker is put",
        )?;
        c.isolated(|steps| polls_all_the_while(steps, &seed)).explain(
            expected,
            "each step may well be locked; they are two all the same, and an event fits in between. It takes the waker of the \
             poll before, and this one's is left behind it",
            "whether one and the same guard lives from your look at the readiness until the waker is left",
        )?;
        turning::unless_it_ends(c.isolated(|steps| wins_every_race(steps, &seed))).explain(
            expected,
            why,
            "whether an event can come between your look at the readiness and your leaving the waker",
        )
    });
}

/// An event comes after a refused read and before the next poll.
fn outlives_a_refusal(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    peer.send(bytes)?;
    turning::until_told(&mut reactor)?;
    let tick = task::is_ready(&line, &mut probe)?;
    wire::empty(&line)?;
    line.clear(tick);
    peer.send(bytes)?;
    steps.now("an event, when a read was refused and nobody has left a waker yet");
    turning::until_told(&mut reactor)?;
    task::is_ready(&line, &mut probe).map(drop)
}

/// An event comes at the very moment when a poll clones its waker.
fn outlives_a_look(steps: &Steps, bytes: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    turning::settle(&mut reactor)?;
    let bytes = bytes.to_vec();
    // On another thread: a poll that clones under a lock makes the event wait until the waker is
    // left, and loses nothing.
    let comes = Mutex::new(Some(move || {
        thread::spawn(move || {
            peer.send(&bytes)?;
            turning::until_told(&mut reactor)?;
            Ok((reactor, peer))
        })
    }));
    let coming = Arc::new(Mutex::new(None));
    let cloned = {
        let coming = Arc::clone(&coming);
        move || {
            let comes = comes.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(comes) = comes {
                let event: Event = comes();
                let _ = wait::until(Instant::now() + MEANWHILE, || {
                    event.is_finished().then_some(())
                });
                *coming.lock().unwrap_or_else(PoisonError::into_inner) = Some(event);
            }
        }
    };
    let mut probe = WakerProbe::new();
    steps.now("an event at the moment when a poll clones the waker that it is about to leave");
    let polled = probe.poll_with(|cx| {
        let waker = when_cloned(cx.waker().clone(), cloned);
        line.poll_ready(&mut Context::from_waker(&waker), Direction::Read)
    })?;
    let event = coming.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(event) = event else {
        return Err(violation(format!(
            "nothing has come, and `poll_ready` is {polled:?} without having cloned a waker"
        )));
    };
    let _alive = event.join().unwrap_or_else(|panic| resume_unwind(panic))?;
    match polled {
        Poll::Ready(Ok(_)) => Ok(()),
        Poll::Ready(Err(error)) => Err(violation(format!("`poll_ready` failed: {error}"))),
        Poll::Pending if probe.wakes() > 0 => Ok(()),
        Poll::Pending => Err(violation(
            "an event came while `poll_ready` cloned the waker; `poll_ready` is pending, and nobody was woken",
        )),
    }
}

/// A reactor turns on a thread of its own, and a byte comes at about the time of each poll.
fn wins_every_race(steps: &Steps, seed: &[u8]) -> Checked {
    let (reactor, _entered) = turning::reactor()?;
    let background = wire::must("`background`", reactor.background())?;
    let (line, mut peer) = wire::line()?;
    let mut probe = WakerProbe::new();
    let rounds = AtomicUsize::new(0);
    let over = usize::MAX;
    steps.now("a byte that comes at the very moment of a poll, again and again");
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut sent = 0;
            while sent < over {
                let asked = rounds.load(Ordering::SeqCst);
                if asked != sent && asked != over {
                    let _ = peer.send_soon(b"!");
                }
                sent = asked;
                std::hint::spin_loop();
            }
        });
        let begun = Instant::now();
        let raced = (1..over)
            .zip(seed.iter().cycle())
            .take_while(|_| begun.elapsed() < RACE)
            .try_for_each(|(round, moment)| {
                rounds.store(round, Ordering::SeqCst);
                for _ in 0..usize::from(*moment) * 16 {
                    std::hint::spin_loop();
                }
                hears_one_byte(&line, &mut probe)
            });
        rounds.store(over, Ordering::SeqCst);
        raced
    })?;
    turning::ends(steps, background);
    Ok(())
}

/// Polls without a pause, each time with another waker, while a turn on another thread passes on
/// one event, again and again.
fn polls_all_the_while(steps: &Steps, seed: &[u8]) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (line, mut peer) = wire::line()?;
    turning::settle(&mut reactor)?;
    let (asked, passed_on) = (AtomicUsize::new(0), AtomicUsize::new(0));
    steps.now("polls with ever another waker, while a turn passes on the event that they wait for");
    thread::scope(|scope| {
        let turns = scope.spawn(|| {
            let begun = Instant::now();
            for (round, moment) in (1..).zip(seed.iter().cycle()) {
                while asked.load(Ordering::SeqCst) < round {
                    std::hint::spin_loop();
                }
                if asked.load(Ordering::SeqCst) == usize::MAX {
                    return Ok(());
                }
                peer.send_soon(b"!")?;
                for _ in 0..usize::from(*moment) {
                    std::hint::spin_loop();
                }
                // A turn that never passes it on is for another check to see: here it ends.
                while turning::turn(&mut reactor, MEANWHILE)? == 0 {
                    if begun.elapsed() > 4 * RACE {
                        break;
                    }
                }
                passed_on.store(round, Ordering::SeqCst);
            }
            Ok(())
        });
        let begun = Instant::now();
        let mut raced = Ok(());
        for round in 1.. {
            if raced.is_err() || turns.is_finished() || begun.elapsed() > 2 * RACE {
                break;
            }
            asked.store(round, Ordering::SeqCst);
            let over = || passed_on.load(Ordering::SeqCst) >= round || turns.is_finished();
            raced = sees_one_event(&line, over);
        }
        asked.store(usize::MAX, Ordering::SeqCst);
        let turned: Checked = turns.join().unwrap_or_else(|panic| resume_unwind(panic));
        turned.and(raced)
    })
}

/// Polls until it is ready or `passed_on` says so; then it is ready, or the latest poll is woken.
fn sees_one_event(line: &Registration<TcpStream>, passed_on: impl Fn() -> bool) -> Checked {
    let mut probe = WakerProbe::new();
    let polled = probe.races(|cx| line.poll_ready(cx, Direction::Read), &passed_on)?;
    if polled.is_pending() {
        if probe.wakes() == 0 {
            return Err(violation(
                "an event was passed on while `poll_ready` was called again and again; the latest call is pending, and nobody \
                 has called its waker",
            ));
        }
        task::is_ready(line, &mut probe)?;
    }
    let soon = Instant::now() + MEANWHILE;
    let _ = wait::until(soon, || passed_on().then_some(()));
    let tick = task::is_ready(line, &mut probe)?;
    wire::empty(line)?;
    line.clear(tick);
    Ok(())
}

/// Reads one byte, now or when it is woken.
fn hears_one_byte(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked {
    let read = |mut source: &TcpStream| source.read(&mut [0; 8]);
    loop {
        match task::poll_io(line, probe, Direction::Read, read)? {
            Poll::Ready(Ok(1)) => return Ok(()),
            Poll::Ready(answer) => {
                return Err(violation(format!(
                    "one byte came, and `poll_io` returned `Ready({answer:?})`"
                )));
            }
            Poll::Pending => probe.woken()?,
        }
    }
}
