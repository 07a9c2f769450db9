//! The bell: turns that are ended from outside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use grader::kernel::threads::Call;
use grader::{Checked, Explain, Steps, check, violation, wait};
use reactor::Reactor;

use crate::turning;

/// A time-out that is to pass.
const WHOLE: Duration = Duration::from_millis(50);

/// `unpark` and the bell end the turn that sleeps, or else the next one, which returns 0
/// for it; and no further one.
///
/// # Hint
/// For the kernel, the bell is a source like any other. For whom is its event?
///
/// # Hint
/// For nobody: it has done its work when `Poll::poll` has returned. Skip it, and do not count it.
#[test]
fn unpark_ends_a_turn() {
    check(|c| {
        c.isolated(by_the_bell).explain(
            "a ring ends the turn that sleeps, or the next; it is not an event that was passed on; and it ends no \
             more turns than that",
            "an executor rings when a task is to be polled, and counts on coming out of its turn. A number that includes \
             the ring tells of a source where there is none, and a ring that goes on ringing is a busy loop",
            "what `turn` does with the event of the bell, and what it returns",
        )
    });
}

/// Waits until a thread of this process sleeps in a turn.
///
/// # Errors
/// Skipped, when this machine does not show system calls.
pub(crate) fn a_thread_sleeps_in_turn(steps: &Steps) -> Checked {
    steps.threads()?;
    let soon = Instant::now() + Duration::from_secs(2);
    wait::until(soon, || sleeps_in_turn(steps).then_some(()))
        .ok_or_else(|| violation("there is nothing to tell, and no thread sleeps in epoll_wait"))
}

/// Whether a thread of this process sleeps in a turn just now, as far as this machine shows it.
pub(crate) fn sleeps_in_turn(steps: &Steps) -> bool {
    let threads = steps.threads().unwrap_or_default();
    threads.iter().any(|t| t.sleeps_in(&[Call::Epoll]))
}

/// Rings before a turn and during one; then not at all.
fn by_the_bell(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let (handle, bell) = (reactor.handle(), reactor.handle().bell());
    for (what, ring) in [
        ("`unpark`", (&|| handle.unpark()) as &dyn Fn()),
        ("a wake of the bell", &|| bell.wake_by_ref()),
    ] {
        steps.now(&format!("`turn(None)` after {what}"));
        ring();
        uncounted(turning::turned(reactor.turn(None))?)?;
        steps.now(&format!("`turn(None)` when {what} comes during the sleep"));
        rung_during(steps, &mut reactor, ring)?;
    }
    steps.now("turns when the bell has rung no more");
    let mut slept = false;
    // Several rings may take several turns, but not many.
    for _ in 0..8 {
        let begun = Instant::now();
        uncounted(turning::turn(&mut reactor, WHOLE)?)?;
        slept |= begun.elapsed() >= WHOLE;
    }
    if !slept {
        return Err(violation(
            "the bell has ended the turns it was rung for, and it goes on ending turns",
        ));
    }
    Ok(())
}

fn uncounted(told: usize) -> Checked {
    match told {
        0 => Ok(()),
        _ => Err(violation(format!(
            "no source had anything to tell, and `turn` returned {told}"
        ))),
    }
}

/// Rings while another thread sleeps in a turn, which has to end.
fn rung_during(steps: &Steps, reactor: &mut Reactor, ring: &dyn Fn()) -> Checked {
    let rung = AtomicBool::new(false);
    thread::scope(|scope| {
        let turns = scope.spawn(|| {
            let mut told = 0;
            // It may have come back for no reason before that.
            while !rung.load(Ordering::SeqCst) {
                told += turning::turned(reactor.turn(None))?;
            }
            uncounted(told)
        });
        let asleep = a_thread_sleeps_in_turn(steps);
        rung.store(true, Ordering::SeqCst);
        ring();
        let turned = turns.join().expect("its panic was told");
        asleep.and(turned)
    })
}
