//! Patience: how long the kit waits for what a program owes, and when waiting makes no sense any
//! more.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::kernel::threads::Thread;
use crate::program::Program;
use crate::wait;

/// How long the kit still reads a program's output after its end: on a busy machine the last lines
/// may not have been read yet. The wait takes all of this only where another process, which the
/// program has started, holds the output open.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(2);

impl Program {
    /// Calls `look` until it sees what the program owes; `None` when the program has ended, when it
    /// sleeps so that nothing can ever wake it, or when its time is up.
    pub fn owes<T>(&self, look: impl FnMut() -> Option<T>) -> Option<T> {
        self.owes_within(wait::PATIENCE, look)
    }

    /// As [`Program::owes`], with a patience of its own.
    pub fn owes_within<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        let (deadline, is_the_checks) = wait::deadline(patience);
        let mut hope = Hope::begin();
        let seen = wait::until(deadline, || {
            if let Some(seen) = look() {
                return Some(Some(seen));
            }
            // One more look after the program's end: the last thing that it did may be what it
            // owes.
            (self.is_over() || hope.is_lost(self)).then(&mut look)
        });
        if seen.is_none() && is_the_checks {
            self.cut_short();
        }
        seen.flatten()
    }

    /// Notes that a wait was cut short because the check had no time left.
    pub(crate) fn cut_short(&self) {
        self.0.cut_short.store(true, Ordering::SeqCst);
    }

    /// Whether it has ended and all its output is read. Output that is still open `LAST_WORDS`
    /// after the end is held open by another process, and not waited for.
    pub(super) fn is_over(&self) -> bool {
        if self.ended().is_none() {
            return false;
        }
        let ended_at = self.0.ended_at.get_or_init(Instant::now);
        self.has_said_all() || ended_at.elapsed() > LAST_WORDS
    }

    pub(super) fn has_said_all(&self) -> bool {
        self.0.stdout.is_closed() && self.0.stderr.is_closed()
    }
}

/// Whether waiting for a program still makes sense.
///
/// It does not once every thread has slept for `LONG_ENOUGH` in a call without a time-out and has
/// not woken once. All that was sent has arrived by then, and nothing in the program can end that
/// sleep.
struct Hope {
    /// The last look at the threads.
    looked: Instant,
    /// The first of the looks that have found the same threads asleep for good, and these threads;
    /// `None` when the last look has found one awake.
    asleep_since: Option<(Instant, Vec<Thread>)>,
}

impl Hope {
    const PAUSE: Duration = Duration::from_millis(100);
    const LONG_ENOUGH: Duration = Duration::from_millis(1500);

    fn begin() -> Self {
        Self {
            looked: Instant::now(),
            asleep_since: None,
        }
    }

    fn is_lost(&mut self, program: &Program) -> bool {
        if self.looked.elapsed() < Self::PAUSE {
            return false;
        }
        self.looked = Instant::now();
        let threads = program.threads();
        let asleep = !threads.is_empty() && threads.iter().all(|t| t.state == 'S' && t.for_good);
        match &self.asleep_since {
            Some((since, before)) if asleep && *before == threads => {
                since.elapsed() >= Self::LONG_ENOUGH
            }
            _ => {
                self.asleep_since = asleep.then(|| (Instant::now(), threads));
                false
            }
        }
    }
}
