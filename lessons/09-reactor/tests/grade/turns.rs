//! What a turn costs.

use std::time::Duration;

use grader::{Checked, Explain, Steps, WakerProbe, check};

use crate::wire::{self, violation};
use crate::{task, turning};

/// How many sockets have something to tell in one turn.
const SOCKETS: usize = 16;
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
        let turns = c
            .isolated_traced(turns_are_counted)
            .explain(expected, why, look)?;
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
