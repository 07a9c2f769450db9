//! Idle and burning: whether a program rests while nothing happens, and in which call it sleeps.

use std::time::{Duration, Instant};

use crate::cpu_use::{CpuUse, Unrest};
use crate::kernel::process::{self, Process};
use crate::kernel::threads::{Call, Thread};
use crate::program::Program;
use crate::verdict::Cause;
use crate::verdict::stop::{Checked, Stop};
use crate::{machine_check, wait};

/// The time for which idleness is judged: an idle program is asleep at its beginning and at its
/// end, and does not wake in between.
const WINDOW: Duration = Duration::from_millis(300);
/// A program that makes a system call in every round of its loop spends more than this share of its
/// time in the kernel, besides the time that it took to start. To tell that on a loaded machine
/// too, it must have had `ENOUGH` time on a core.
const ASKING: f64 = 0.02;
const STARTING: Duration = Duration::from_millis(10);
const ENOUGH: Duration = Duration::from_millis(500);

impl Program {
    /// Observes the program for `window`.
    ///
    /// # Errors
    /// Skipped, when this machine does not show system calls; red, when the program has ended.
    pub fn observe(&self, window: Duration) -> Checked<CpuUse> {
        machine_check::must_see_calls()?;
        let cpu_use = CpuUse::of(self.pid(), window);
        cpu_use
            .filter(|_| self.ended().is_none())
            .ok_or_else(|| self.red("it is gone"))
    }

    /// Waits until the program has been idle for a whole window: every thread asleep in one of
    /// `calls`, without a time-out and without waking once.
    ///
    /// # Errors
    /// Red, when the program does not come to rest; skipped, when this machine does not show system
    /// calls.
    pub fn idles_in(&self, calls: &[Call]) -> Checked {
        self.idles_for(WINDOW, calls)
    }

    /// As [`Program::idles_in`], for a window of another length: a program that wakes less often
    /// than once in a window seems idle.
    ///
    /// # Errors
    /// As [`Program::idles_in`].
    pub fn idles_for(&self, window: Duration, calls: &[Call]) -> Checked {
        self.comes_to_rest(window, |cpu_use| cpu_use.why_not_idle(calls))
    }

    /// Waits until the program burns no processor time: it may wake to try something again, but
    /// seldom.
    ///
    /// # Errors
    /// As [`Program::idles_in`].
    pub fn is_calm(&self) -> Checked {
        self.comes_to_rest(WINDOW, |cpu_use| cpu_use.why_not_calm())
    }

    fn comes_to_rest(
        &self,
        window: Duration,
        why_not: impl Fn(&CpuUse) -> Option<Unrest>,
    ) -> Checked {
        self.observe_until(window, |cpu_use| why_not(cpu_use).map_or(Ok(()), Err))
    }

    /// Observes the program again and again, until `satisfied` or until its time is up; then the
    /// last observation makes it red.
    fn observe_until(
        &self,
        window: Duration,
        satisfied: impl Fn(&CpuUse) -> Result<(), Unrest>,
    ) -> Checked {
        let (deadline, is_the_checks) = wait::deadline(wait::PATIENCE);
        loop {
            let last = Instant::now() >= deadline;
            match satisfied(&self.observe(window)?) {
                Ok(()) => return Ok(()),
                Err((saw, cause)) if last => {
                    if is_the_checks {
                        self.cut_short();
                    }
                    return Err(self.red(saw).caused(cause));
                }
                Err(_) => {}
            }
        }
    }

    /// Waits until the program has wanted at least half of a core for a window and never slept of
    /// its own accord. On a loaded machine the wanted time alone says too little: a program that
    /// sleeps for a millisecond at a time waits for a core after each.
    ///
    /// # Errors
    /// Red, when the program does not; skipped, when this machine does not show system calls.
    pub fn burns(&self) -> Checked {
        let burns = self.observe_until(WINDOW, |cpu_use| {
            if cpu_use.spins() && cpu_use.sleeps == 0 {
                Ok(())
            } else {
                Err((cpu_use.tell(), None))
            }
        });
        // A program that sleeps for a pause comes close to burning; one that sleeps at a socket
        // does something else altogether.
        burns.map_err(|stop| {
            let at_socket = [Call::Accept, Call::Read, Call::Write];
            let elsewhere = self.threads().iter().any(|t| t.sleeps_in(&at_socket));
            stop.caused(elsewhere.then_some(Cause::Elsewhere))
        })
    }

    /// Whether the program lives and is never seen asleep just now. How much of a core it wanted
    /// does not tell that on a machine where it waits for one.
    pub(crate) fn spins(&self) -> bool {
        let asleep = wait::until(Instant::now() + WINDOW, || self.asleep());
        asleep.is_none() && self.ended().is_none()
    }

    /// Whether the program is awake all the while and makes no system calls: of all the processor
    /// time that it has had so far, it spent next to none in the kernel. A program that makes one
    /// call in each round, a read that is refused or a look for events, spends a tenth of its time
    /// there.
    #[must_use]
    pub fn spins_in_its_own_code(&self) -> bool {
        let had = |process: &Process| process.in_own_code + process.in_kernel;
        let busy = self.owes(|| match self.asleep() {
            Some(_) => Some(None),
            None => process::look(self.pid())
                .filter(|process| had(process) >= ENOUGH)
                .map(Some),
        });
        busy.flatten()
            .is_some_and(|process| process.in_kernel <= STARTING + had(&process).mul_f64(ASKING))
    }

    /// Its threads, when all of them are asleep just now. Two answers are equal when no thread has
    /// woken in between.
    #[must_use]
    pub fn asleep(&self) -> Option<Vec<Thread>> {
        let threads = self.threads();
        (!threads.is_empty() && threads.iter().all(|t| t.state == 'S')).then_some(threads)
    }

    /// Whether every thread of it is asleep in futex just now: in a lock, or waiting for another
    /// thread.
    pub(crate) fn waits_in_a_lock(&self) -> bool {
        let threads = self.asleep().unwrap_or_default();
        !threads.is_empty() && threads.iter().all(|t| t.call == Call::Futex)
    }

    /// Waits until two looks in a row find every thread asleep in one of `calls`, without a waking
    /// in between; a window without a waking is not asked for. A pause on the way there, in
    /// `nanosleep`, is red at once.
    ///
    /// # Errors
    /// Red, when no look finds that; skipped, when this machine does not show system calls.
    pub fn sleeps_in(&self, calls: &[Call]) -> Checked {
        // One look is not enough: a thread that waits for a contended lock is asleep for a moment
        // too.
        let mut before = None;
        let mut paused = None;
        let seen = self.owes(|| {
            let now = self.asleep();
            let pauses = |t: &&Thread| t.state == 'S' && t.call == Call::Sleep;
            if let Some(thread) = now.iter().flatten().find(pauses)
                && !calls.contains(&Call::Sleep)
            {
                paused = Some(thread.clone());
                return Some(());
            }
            let still = now
                .as_ref()
                .is_some_and(|threads| threads.iter().all(|t| t.sleeps_in(calls)))
                && now == before;
            before = now;
            still.then_some(())
        });
        if let Some(thread) = paused {
            return Err(self.pauses(&thread, calls));
        }
        match seen {
            Some(()) => Ok(()),
            None => {
                let cpu_use = self.observe(Duration::from_millis(100))?;
                let unrest = cpu_use
                    .elsewhere(calls)
                    .or_else(|| cpu_use.why_not_idle(calls));
                let (saw, cause) = unrest.unwrap_or_else(|| (cpu_use.tell(), None));
                Err(self.red(saw).caused(cause))
            }
        }
    }

    /// A red verdict on a pause: a thread that sleeps in `nanosleep`, and not in one of `calls`.
    fn pauses(&self, thread: &Thread, calls: &[Call]) -> Stop {
        let names: Vec<String> = calls.iter().map(|call| call.name()).collect();
        let (call, due) = (thread.call.name(), names.join(" or "));
        let saw = format!("a thread made a pause in {call} before it slept in {due}");
        self.red(saw).caused(Some(Cause::Elsewhere))
    }
}
