//! Idle and burning: whether a program rests while nothing happens, and where it sleeps.

use std::time::{Duration, Instant};

use crate::cpu_use::{CpuUse, Unrest};
use crate::kernel::process::{self, Process};
use crate::kernel::threads::{Call, Thread};
use crate::program::Program;
use crate::verdict::Cause;
use crate::verdict::stop::Checked;
use crate::{machine_check, wait};

/// The stretch that idleness is judged by: an idle program is found asleep at both ends of it and never woke between.
const WINDOW: Duration = Duration::from_millis(300);
/// Whoever asks the kernel for something round after round spends more than this share of his time there, besides
/// what it took to start him; this much time has to be looked at before that can be told, on a loaded machine too.
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

    /// Waits until the program has been idle for a whole window: every thread asleep in one of `calls`, without
    /// waking once.
    ///
    /// # Errors
    /// Red, when it does not come to rest; skipped, when this machine does not show system calls.
    pub fn idles_in(&self, calls: &[Call]) -> Checked {
        self.idles_for(WINDOW, calls)
    }

    /// As [`Program::idles_in`], with a window of its own: what wakes the program less often than that is not seen.
    ///
    /// # Errors
    /// As [`Program::idles_in`].
    pub fn idles_for(&self, window: Duration, calls: &[Call]) -> Checked {
        self.comes_to_rest(window, |cpu_use| cpu_use.why_not_idle(calls))
    }

    /// Waits until the program burns no processor time: it may wake to try something again, but seldom.
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

    /// Observes the program again and again, until `satisfied` or until its time is up: then with what was seen last.
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

    /// Looks for a while to see whether the program burns at least half of a core and never sleeps of its own accord.
    /// On a loaded machine the wish alone says too little: a program that sleeps for a millisecond waits for a core
    /// after each.
    ///
    /// # Errors
    /// Red, when it does not; skipped, when this machine does not show system calls.
    pub fn burns(&self) -> Checked {
        let burns = self.observe_until(WINDOW, |cpu_use| {
            if cpu_use.spins() && cpu_use.sleeps == 0 {
                Ok(())
            } else {
                Err((cpu_use.tell(), None))
            }
        });
        // A pause is what is looked for here; asleep at a socket it does something else altogether.
        burns.map_err(|stop| {
            let at_socket = [Call::Accept, Call::Read, Call::Write];
            let elsewhere = self.threads().iter().any(|t| t.sleeps_in(&at_socket));
            stop.caused(elsewhere.then_some(Cause::Elsewhere))
        })
    }

    /// Whether it is awake all the while and asks the kernel for nothing: of all the processor time that it has had so far,
    /// next to none was spent there. With a call in each round, a read that is refused or a look for events, a tenth is.
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

    /// Its threads, when all of them are asleep just now; equal to a later answer when none has woken meanwhile.
    #[must_use]
    pub fn asleep(&self) -> Option<Vec<Thread>> {
        let threads = self.threads();
        (!threads.is_empty() && threads.iter().all(|t| t.state == 'S')).then_some(threads)
    }

    /// Waits until every thread sleeps in one of `calls`; asks for one look, not for a whole window.
    ///
    /// # Errors
    /// Red, when that is not seen; skipped, when this machine does not show system calls.
    pub fn sleeps_in(&self, calls: &[Call]) -> Checked {
        // Twice in a row with no waking between: a thread is also asleep for a moment where a lock is contended.
        let mut before = None;
        let seen = self.owes(|| {
            let now = self.asleep();
            let still = now
                .as_ref()
                .is_some_and(|threads| threads.iter().all(|t| t.sleeps_in(calls)))
                && now == before;
            before = now;
            still.then_some(())
        });
        match seen {
            Some(()) => Ok(()),
            None => {
                let cpu_use = self.observe(Duration::from_millis(100))?;
                let unrest = cpu_use.why_not_idle(calls);
                let (saw, cause) = unrest.unwrap_or_else(|| (cpu_use.tell(), None));
                Err(self.red(saw).caused(cause))
            }
        }
    }
}
