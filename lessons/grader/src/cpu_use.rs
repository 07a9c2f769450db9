//! CPU use: how much processor time a process wants in a window of time, how often it sleeps, and
//! whether that is rest.
//!
//! The measure is the time that a program *wanted*: time on a core plus time waiting for one. A
//! spinner's share of a loaded machine falls to a fifth, but it still wants all of a core; and a
//! program that wakes a thousand times a second wants almost nothing, but shows in how often it
//! went to sleep.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::kernel::threads::{self, Call, Thread};
use crate::verdict::Cause;
use crate::words::count;

/// The CPU use of a program in a window of time.
#[derive(Clone, Debug)]
pub struct CpuUse {
    /// Processor time wanted, as a share of one core: 1.0 is one core all the time.
    pub wanted: f64,
    /// Processor time got, as a share of one core.
    pub ran: f64,
    /// How often its threads went to sleep of their own accord.
    pub sleeps: u64,
    /// Its threads at the end of the window.
    pub threads: Vec<Thread>,
    /// Whether threads came or went in the window.
    pub threads_changed: bool,
    /// How long the window was.
    pub window: Duration,
}

/// More than this share of a core is burning.
const BURNING: f64 = 0.5;
/// Less than this share of a core is idle.
const IDLE: f64 = 0.1;
/// How long a program runs at most when it wakes to try something once.
const INSTANT: Duration = Duration::from_millis(2);
/// Where a program has to try again by itself, so many retries a second do no harm.
const RETRIES: u64 = 200;

/// In words, what a program does instead of resting; and the cause, where the kit can tell.
pub(crate) type Unrest = (String, Option<Cause>);

impl CpuUse {
    /// Observes the process for `window`; `None` when it has ended by then, or when this machine
    /// does not show the system calls of threads.
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

    /// Whether it wanted more than half of a core, and not because it woke so often: on a loaded
    /// machine a program that sleeps for a millisecond at a time waits for a core after each, and
    /// wants a lot of time that way.
    #[must_use]
    pub fn spins(&self) -> bool {
        let often = self.window.as_millis() as u64 / 10;
        self.wanted > BURNING && self.sleeps < often
    }

    /// Says what keeps this from being idle: asleep in one of `calls`, without a time-out, and
    /// without waking once.
    pub(crate) fn why_not_idle(&self, calls: &[Call]) -> Option<Unrest> {
        let awake = self.threads.iter().find(|t| !t.sleeps_in(calls));
        if self.spins() {
            Some((format!("{}: it spins", self.tell()), Some(Cause::Spins)))
        } else if let Some(thread) = self.threads.iter().find(|t| wakes_by_itself(t, calls)) {
            let (call, time_out) = (thread.call.name(), thread.tell_time_out());
            let saw = format!("a thread sleeps in {call}{time_out}, although nothing is due");
            Some((saw, Some(Cause::TimeOut)))
        } else if self.sleeps > 0 || self.threads_changed {
            Some((format!("{}, although nothing happened", self.tell()), None))
        } else if let Some(unrest) = self.elsewhere(calls) {
            Some(unrest)
        } else if awake.is_some() || self.wanted >= IDLE {
            Some((self.tell(), None))
        } else {
            None
        }
    }

    /// Names a call that a thread sleeps in, and that is none of `calls`.
    pub(crate) fn elsewhere(&self, calls: &[Call]) -> Option<Unrest> {
        let elsewhere = |t: &&Thread| t.state == 'S' && !t.sleeps_in(calls);
        let thread = self.threads.iter().find(elsewhere)?;
        let names: Vec<String> = calls.iter().map(|call| call.name()).collect();
        let (call, due) = (thread.call.name(), names.join(" or "));
        let time_out = match thread.time_out {
            Some(_) => thread.tell_time_out(),
            None => String::new(),
        };
        let saw = format!("a thread sleeps in {call}{time_out}, not in {due}");
        Some((saw, Some(Cause::Elsewhere)))
    }

    /// Says what keeps this from being calm: it may wake to try again, but at most `RETRIES` times
    /// a second, and it burns nothing.
    pub(crate) fn why_not_calm(&self) -> Option<Unrest> {
        let most = RETRIES * self.window.as_millis() as u64 / 1000;
        // On a very busy machine a program that wakes for an instant waits so long for a core each
        // time that it wants a good part of one, and gets next to nothing.
        let instants = INSTANT.as_secs_f64() * self.sleeps as f64 / self.window.as_secs_f64();
        let waits_its_turn = self.ran < instants.min(IDLE);
        if self.sleeps <= most && (self.wanted < IDLE || waits_its_turn) {
            None
        } else if self.spins() {
            Some((format!("{}: it spins", self.tell()), Some(Cause::Spins)))
        } else {
            Some((self.tell(), None))
        }
    }

    /// `wanted 99 % of a core and woke 3 times in 300 ms`.
    #[must_use]
    pub fn tell(&self) -> String {
        // The kernel counts the time spent waiting for a core when that wait ends, so a short
        // window may contain a wait that began before it.
        let share = self.wanted.min(self.threads.len() as f64) * 100.0;
        let (times, ms) = (count(self.sleeps, "time", "times"), self.window.as_millis());
        format!("it wanted {share:.0} % of a core and woke {times} in {ms} ms")
    }
}

/// Whether the thread's sleep ends although nothing happens. Where a program may wait in other
/// calls too, a futex with a time-out is no fault: a pool's thread waits a while for its next job.
fn wakes_by_itself(thread: &Thread, calls: &[Call]) -> bool {
    let may_wait = match thread.call {
        Call::Futex => calls != [Call::Futex],
        // Where a pause is allowed, how often it ends is what counts.
        call => call == Call::Sleep,
    };
    thread.has_a_time_out() && calls.contains(&thread.call) && !may_wait
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(wanted: f64, ran: f64, sleeps: u64) -> CpuUse {
        CpuUse {
            wanted,
            ran,
            sleeps,
            threads: Vec::new(),
            threads_changed: false,
            window: Duration::from_millis(300),
        }
    }

    #[test]
    fn on_a_very_busy_machine_a_program_that_retries_is_calm_and_one_that_burns_is_not() {
        for calm in [used(0.01, 0.005, 6), used(0.45, 0.006, 6)] {
            assert_eq!(calm.why_not_calm(), None, "{calm:?}");
        }
        // A spinner, a spinner that blocks now and then in a write, and a program that wakes all
        // the time.
        for restless in [
            used(0.99, 0.05, 0),
            used(0.99, 0.05, 3),
            used(0.3, 0.02, 300),
        ] {
            assert!(restless.why_not_calm().is_some(), "{restless:?}");
        }
    }
}
