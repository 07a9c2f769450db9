//! What a turn costs.

use std::time::Duration;

use grader::{Checked, Explain, Steps, WakerProbe, check, violation};
use mio::Interest;

use crate::wire;
use crate::{task, turning};

/// How many sockets have something to tell in one turn.
const SOCKETS: usize = 16;
/// More than a small list of events holds.
const MANY: usize = 300;
/// How many turns there are with nothing to tell.
const IDLE_TURNS: usize = 8;

/// A turn asks the kernel once, however many sources are ready, and also when
/// there is nothing to tell.
///
/// # Hint
/// `Poll::poll` is one system call. How many such calls does a turn make, and what
/// else does it ask the kernel?
///
/// # Hint
/// One `Poll::poll` with the time-out that the caller gave. All that comes
/// after it is your own memory.
#[test]
fn one_turn_is_one_system_call() {
    check(|c| {
        let expected =
            "a turn makes one system call, epoll_wait, and passes on all that it has returned";
        let why = "the kernel hands out as many events as there is room for, and sleeps if there are none: it need not \
                   be asked twice. What a turn asks beyond that is paid for in every turn of every program that \
                   stands on it";
        let look = "every call in `turn` that leads into the kernel";
        let turns = c.isolated_traced(turns_are_counted).explain(
            "sixteen sockets are ready, and the turns pass on sixteen events and wake sixteen tasks",
            "each event belongs to one source and is for one direction of it, or for both. What is not passed on is lost, and \
             what is passed on twice, or to the wrong direction, is noted where nobody waits for it",
            "what becomes of each event of a batch, and what is counted",
        )?;
        let is_right = |turn: &&Vec<String>| matches!(turn.as_slice(), [call] if call.starts_with("epoll_") && call.contains("wait"));
        let Some(wrong) = turns.iter().find(|turn| !is_right(turn)) else {
            return Ok(());
        };
        let saw = match wrong.as_slice() {
            [] => "a turn has made no system call at all".into(),
            calls => format!("a turn has made these calls: {}", calls.join(", ")),
        };
        Err(violation(saw).explain(expected, why, look))
    });
}

/// However many sources are ready at once, each event is passed on, and counted once.
///
/// # Hint
/// What `epoll_wait` has returned, it will not return again. What becomes of the events behind the
/// first few?
///
/// # Hint
/// Go through all of `Events`. What did not fit there is still with the kernel, and comes with the
/// next turn.
#[test]
fn no_event_of_a_batch_is_lost() {
    check(|c| {
        c.isolated(all_are_passed_on).explain(
            "three hundred sockets are ready, and three hundred tasks are woken, however many turns that takes",
            "an event is told once. A turn that leaves some of a batch aside, for the next one, leaves them for good: the \
             kernel has told of them",
            "how far your turn goes through its events, and what could end that early",
        )?;
        c.isolated(passes_on_beside_the_bell).explain(
            "when the bell rings while a socket is ready, the turn passes that event on all the same, and returns 1",
            "in one batch the bell's event may stand before those of sockets. A turn that returns when it finds the bell \
             throws away what stands behind it, and for that no second event comes",
            "what your turn does with the events that follow the bell's",
        )
    });
}

/// Many sockets are ready at once.
fn all_are_passed_on(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let mut lines = Vec::new();
    for number in 0..MANY {
        // Of those that may write as well, one event tells of both directions.
        let interest = match number % 2 {
            0 => Interest::READABLE,
            _ => Interest::READABLE | Interest::WRITABLE,
        };
        let (end, peer) = wire::connection()?;
        lines.push((wire::register(end, interest)?, peer));
    }
    turning::settle(&mut reactor)?;
    let mut probes = Vec::new();
    for (line, peer) in &mut lines {
        let mut probe = WakerProbe::new();
        task::waits(line, &mut probe)?;
        probes.push(probe);
        peer.send(b"ready")?;
    }
    steps.now("turns when three hundred sockets are ready");
    let mut told = 0;
    for _ in 0..MANY {
        match turning::turn(&mut reactor, Duration::ZERO)? {
            0 => break,
            more => told += more,
        }
    }
    let woken = probes.iter().filter(|probe| probe.wakes() > 0).count();
    if told != MANY && woken == MANY {
        return Err(violation(format!(
            "{MANY} sockets were ready, {MANY} wakers were called, and the turns returned {told} in all"
        ))
        .explain(
            "a turn returns how many events it has passed on",
            "the kernel tells of a socket in one event, also where it can be read and written. One event is one, whatever it tells \
             of, and whether one task waits for it, or two, or none",
            "what your turn counts",
        ));
    }
    if told != MANY || woken != MANY {
        return Err(violation(format!(
            "{MANY} sockets were ready, the turns returned {told} in all, and {woken} wakers were called"
        )));
    }
    Ok(())
}

/// The bell rings, and one socket is ready, registered before or after the bell was rung.
fn passes_on_beside_the_bell(steps: &Steps) -> Checked {
    for bell_first in [true, false] {
        let (mut reactor, _entered) = turning::reactor()?;
        let (line, mut peer) = wire::line()?;
        turning::settle(&mut reactor)?;
        let mut probe = WakerProbe::new();
        task::waits(&line, &mut probe)?;
        if bell_first {
            reactor.handle().unpark();
        }
        peer.send(b"ready")?;
        if !bell_first {
            reactor.handle().unpark();
        }
        steps.now("turns when the bell has rung and a socket is ready");
        let told = turning::until_woken(&mut reactor, &probe, "the task")?;
        if told != 1 {
            return Err(violation(format!(
                "one socket was ready while the bell rang, and `turn` returned {told}"
            ))
            .explain(
                "when the bell rings while a socket is ready, the turn returns 1",
                "the bell's event is in the batch as well, and it is for nobody. Whether there was anything for a source is what the \
                 caller wants to know",
                "which events of a batch your turn counts",
            ));
        }
    }
    Ok(())
}

/// Sixteen sockets are ready, and the turns that pass that on are counted; then some
/// that have nothing to tell.
fn turns_are_counted(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let mut lines = Vec::new();
    for _ in 0..SOCKETS {
        lines.push(wire::line()?);
    }
    turning::settle(&mut reactor)?;
    let mut probes: Vec<WakerProbe> = Vec::new();
    for (line, peer) in &mut lines {
        let mut probe = WakerProbe::new();
        task::waits(line, &mut probe)?;
        probes.push(probe);
        peer.send(b"ready")?;
    }
    steps.now("a turn when sixteen sockets are ready");
    let mut told = 0;
    // With room for fewer events it may take several; a turn each, and no more turns than sockets.
    for _ in 0..SOCKETS {
        if told < SOCKETS {
            told += turning::turned(steps.count(|| reactor.turn(Some(Duration::ZERO))))?;
        }
    }
    let woken = probes.iter().filter(|probe| probe.wakes() > 0).count();
    if told != SOCKETS || woken != SOCKETS {
        return Err(violation(format!(
            "{SOCKETS} sockets were ready, the turns returned {told} in all, and {woken} wakers were called"
        )));
    }
    steps.now("turns that have nothing to tell");
    for _ in 0..IDLE_TURNS {
        let nothing = Some(Duration::from_millis(1));
        turning::turned(steps.count(|| reactor.turn(nothing)))?;
    }
    Ok(())
}
