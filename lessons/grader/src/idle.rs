//! Idle and burning: what a program does with the processor while nothing happens.
//!
//! The measure is what a program *wanted*: time on a core plus time waiting for one. A spinner's share of a loaded
//! machine falls to a fifth, but it still wants all of a core; and a program that wakes a thousand times a second wants
//! almost nothing, but shows in how often it went to sleep.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, getpid};

use crate::apart::Steps;
use crate::kernel::process::{self, Process};
use crate::kernel::threads::{self, Call, Thread};
use crate::program::Program;
use crate::stop::{Checked, Stop};
use crate::verdict::Cause;
use crate::wait;
use crate::words::count;

/// What a program did in a stretch of time.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// Processor time wanted, as a share of one core: 1.0 is one core all the time.
    pub wanted: f64,
    /// Processor time got, as a share of one core.
    pub ran: f64,
    /// How often its threads went to sleep of their own accord.
    pub sleeps: u64,
    /// Its threads at the end.
    pub threads: Vec<Thread>,
    /// Whether threads came or went.
    pub threads_changed: bool,
    /// How long the stretch was.
    pub window: Duration,
}

/// The stretch that idleness is judged by: an idle program is found asleep at both ends of it and never woke between.
const WINDOW: Duration = Duration::from_millis(300);
/// More than this share of a core is burning.
const BURNING: f64 = 0.5;
/// Less than this share of a core is idle.
const IDLE: f64 = 0.1;
/// How long a program that gets up to try something once runs at most.
const INSTANT: Duration = Duration::from_millis(2);
/// Whoever asks the kernel for something round after round spends more than this share of his time there, besides
/// what it took to start him; this much time has to be looked at before that can be told, on a loaded machine too.
const ASKING: f64 = 0.02;
const STARTING: Duration = Duration::from_millis(10);
const ENOUGH: Duration = Duration::from_millis(500);
/// Retries a second that are no harm, where a program has to try again by itself.
const RETRIES: u64 = 200;

/// Skips, when this machine does not show the system calls that threads are in.
fn must_see_calls() -> Checked {
    threads::calls_are_visible().map_err(|error| {
        Stop::Skipped(format!(
            "/proc/PID/syscall cannot be read here ({error}); a plain Linux machine shows it"
        ))
    })
}

impl Steps {
    /// The threads of the process that goes through the steps, and the calls that they are in.
    ///
    /// # Errors
    /// Skipped, when this machine does not show system calls.
    pub fn threads(&self) -> Checked<Vec<Thread>> {
        must_see_calls()?;
        Ok(threads::of(getpid()))
    }
}

impl Program {
    /// Observes the program for `window`.
    ///
    /// # Errors
    /// Skipped, when this machine does not show system calls; red, when the program has ended.
    pub fn observe(&self, window: Duration) -> Checked<Conduct> {
        must_see_calls()?;
        let conduct = Conduct::of(self.pid(), window);
        conduct
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
        self.comes_to_rest(window, |conduct| conduct.why_not_idle(calls))
    }

    /// Waits until the program burns no processor time: it may wake to try something again, but seldom.
    ///
    /// # Errors
    /// As [`Program::idles_in`].
    pub fn is_calm(&self) -> Checked {
        self.comes_to_rest(WINDOW, |conduct| conduct.why_not_calm())
    }

    fn comes_to_rest(
        &self,
        window: Duration,
        why_not: impl Fn(&Conduct) -> Option<String>,
    ) -> Checked {
        self.observe_until(window, |conduct| why_not(conduct).map_or(Ok(()), Err))
    }

    /// Observes the program again and again, until `satisfied` or until its time is up: then with what was seen last.
    fn observe_until(
        &self,
        window: Duration,
        satisfied: impl Fn(&Conduct) -> Result<(), String>,
    ) -> Checked {
        let (deadline, is_the_checks) = wait::deadline(wait::PATIENCE);
        loop {
            let last = Instant::now() >= deadline;
            match satisfied(&self.observe(window)?) {
                Ok(()) => return Ok(()),
                Err(saw) if last => {
                    if is_the_checks {
                        self.cut_short();
                    }
                    let cause = cause_of(&saw);
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
        let burns = self.observe_until(WINDOW, |conduct| {
            if conduct.spins() && conduct.sleeps == 0 {
                Ok(())
            } else {
                Err(conduct.tell())
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
                let conduct = self.observe(Duration::from_millis(100))?;
                let saw = conduct.why_not_idle(calls);
                let saw = saw.unwrap_or_else(|| conduct.tell());
                let cause = cause_of(&saw);
                Err(self.red(saw).caused(cause))
            }
        }
    }
}

/// How the words for these two end, or go on.
const SPINS: &str = ": it spins";
const ELSEWHERE: &str = ", not in ";

/// What kind of unrest is told of.
fn cause_of(saw: &str) -> Option<Cause> {
    if saw.ends_with(SPINS) {
        Some(Cause::Spins)
    } else {
        saw.contains(ELSEWHERE).then_some(Cause::Elsewhere)
    }
}

impl Thread {
    /// Whether the thread sleeps in one of `calls`, or in one of them taken up again after a stop.
    #[must_use]
    pub fn sleeps_in(&self, calls: &[Call]) -> bool {
        self.state == 'S' && (calls.contains(&self.call) || self.call == Call::Restart)
    }
}

impl Conduct {
    /// What the process does for `window`; `None` when it is gone by then, or when this machine does not show the system
    /// calls of threads.
    pub(crate) fn of(pid: Pid, window: Duration) -> Option<Self> {
        threads::calls_are_visible().ok()?;
        let before: BTreeMap<i32, Thread> =
            threads::of(pid).into_iter().map(|t| (t.id, t)).collect();
        let begun = Instant::now();
        thread::sleep(window);
        let threads = threads::of(pid);
        let window = begun.elapsed();
        if threads.iter().all(|t| t.state == 'Z') {
            return None;
        }
        let (mut wanted, mut ran, mut sleeps) = (Duration::ZERO, Duration::ZERO, 0);
        for thread in &threads {
            let earlier = before.get(&thread.id);
            wanted += thread
                .wanted
                .saturating_sub(earlier.map_or(Duration::ZERO, |t| t.wanted));
            ran += thread
                .ran
                .saturating_sub(earlier.map_or(Duration::ZERO, |t| t.ran));
            sleeps += thread
                .sleeps
                .saturating_sub(earlier.map_or(0, |t| t.sleeps));
        }
        let threads_changed =
            threads.len() != before.len() || threads.iter().any(|t| !before.contains_key(&t.id));
        let share = |time: Duration| time.as_secs_f64() / window.as_secs_f64();
        Some(Self {
            wanted: share(wanted),
            ran: share(ran),
            sleeps,
            threads,
            threads_changed,
            window,
        })
    }

    /// Whether it wanted more than half of a core, and not because it got up so often: on a loaded machine a program
    /// that sleeps for a millisecond at a time waits for a core after each, and wants a lot that way.
    #[must_use]
    pub fn spins(&self) -> bool {
        let often = self.window.as_millis() as u64 / 10;
        self.wanted > BURNING && self.sleeps < often
    }

    fn why_not_idle(&self, calls: &[Call]) -> Option<String> {
        let awake = self.threads.iter().find(|t| !t.sleeps_in(calls));
        if self.spins() {
            Some(format!("{}{SPINS}", self.tell()))
        } else if self.sleeps > 0 || self.threads_changed {
            Some(format!("{}, although nothing happened", self.tell()))
        } else if let Some(thread) = awake.filter(|t| t.state == 'S') {
            let names: Vec<String> = calls.iter().map(|call| call.name()).collect();
            Some(format!(
                "a thread sleeps in {}{ELSEWHERE}{}",
                thread.call.name(),
                names.join(" or ")
            ))
        } else if awake.is_some() || self.wanted >= IDLE {
            Some(self.tell())
        } else {
            None
        }
    }

    fn why_not_calm(&self) -> Option<String> {
        let most = RETRIES * self.window.as_millis() as u64 / 1000;
        // On a very busy machine a program that gets up for an instant waits so long for a core each time that it
        // wants a good part of one, and gets next to nothing.
        let instants = INSTANT.as_secs_f64() * self.sleeps as f64 / self.window.as_secs_f64();
        let waits_its_turn = self.ran < instants.min(IDLE);
        if self.sleeps <= most && (self.wanted < IDLE || waits_its_turn) {
            None
        } else if self.spins() {
            Some(format!("{}{SPINS}", self.tell()))
        } else {
            Some(self.tell())
        }
    }

    /// `wanted 99 % of a core and woke 3 times in 300 ms`.
    #[must_use]
    pub fn tell(&self) -> String {
        // Time spent waiting for a core is counted when the wait ends, so a short window may get that of a longer one.
        let share = self.wanted.min(self.threads.len() as f64) * 100.0;
        let (times, ms) = (count(self.sleeps, "time", "times"), self.window.as_millis());
        format!("it wanted {share:.0} % of a core and woke {times} in {ms} ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conduct(wanted: f64, ran: f64, sleeps: u64) -> Conduct {
        Conduct {
            wanted,
            ran,
            sleeps,
            threads: Vec::new(),
            threads_changed: false,
            window: WINDOW,
        }
    }

    #[test]
    fn who_retries_on_a_very_busy_machine_is_calm_and_who_burns_there_is_not() {
        for calm in [conduct(0.01, 0.005, 6), conduct(0.45, 0.006, 6)] {
            assert_eq!(calm.why_not_calm(), None, "{calm:?}");
        }
        // A spinner, one that blocks now and then in what it prints, and one that gets up all the time.
        for restless in [
            conduct(0.99, 0.05, 0),
            conduct(0.99, 0.05, 3),
            conduct(0.3, 0.02, 300),
        ] {
            assert!(restless.why_not_calm().is_some(), "{restless:?}");
        }
    }
}
