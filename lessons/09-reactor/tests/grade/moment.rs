//! The very moment of the end: a registration that meets it, and a turn that sleeps.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use grader::{Checked, Steps, violation};
use mio::event::Source;
use mio::{Interest, Registry, Token};
use reactor::{Direction, Registration};

use crate::bell::a_thread_sleeps_in_turn;
use crate::turning;

/// Where a turn sleeps, and is to be ended.
const WHILE_IT_SLEEPS: &str = "`shutdown` while a thread turns without end";
/// How often a registration meets the end, unless that takes too long.
const MEETINGS: usize = 5_000;
const AT_MOST: Duration = Duration::from_millis(1500);
/// More sources than are registered before an end that comes.
const TOO_MANY: usize = 200_000;

/// Sources are registered while the reactor ends, again and again.
pub(crate) fn meets_the_end(steps: &Steps) -> Checked {
    steps.now("a registration at the very moment of `shutdown`, again and again");
    let begun = Instant::now();
    for meeting in 0..MEETINGS {
        if begun.elapsed() > AT_MOST {
            break;
        }
        let (reactor, _entered) = turning::reactor()?;
        let (handle, ready) = (reactor.handle(), AtomicBool::new(false));
        let made = thread::scope(|scope| {
            scope.spawn(|| {
                while !ready.load(Ordering::SeqCst) {
                    std::hint::spin_loop();
                }
                for _ in 0..meeting % 64 * 8 {
                    std::hint::spin_loop();
                }
                handle.shutdown();
            });
            ready.store(true, Ordering::SeqCst);
            let mut made = Vec::new();
            // One after the other, until one is refused: one of them meets the end.
            while let Ok(line) = Registration::new(Silent, Interest::READABLE) {
                made.push(line);
                if made.len() == TOO_MANY {
                    break;
                }
            }
            made
        });
        let mut cx = Context::from_waker(Waker::noop());
        let mut errs = |line: &Registration<Silent>| {
            matches!(
                line.poll_ready(&mut cx, Direction::Read),
                Poll::Ready(Err(_))
            )
        };
        if !made.iter().all(&mut errs) {
            return Err(violation(
                "a source was registered while the reactor was shut down, and its poll does not err: nobody will ever wake it",
            ));
        }
    }
    Ok(())
}

/// A source that the kernel knows nothing of, and that never has an event: as many as one likes.
struct Silent;

impl Source for Silent {
    fn register(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        Ok(())
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        Ok(())
    }
}

/// A thread sleeps in a turn when the reactor is shut down.
pub(crate) fn ends_the_turn_that_sleeps(steps: &Steps) -> Checked {
    let (mut reactor, _entered) = turning::reactor()?;
    let handle = reactor.handle();
    steps.now(WHILE_IT_SLEEPS);
    thread::scope(|scope| {
        scope.spawn(|| while reactor.turn(None).is_ok() {});
        let asleep = a_thread_sleeps_in_turn(steps);
        handle.shutdown();
        asleep
    })
}
