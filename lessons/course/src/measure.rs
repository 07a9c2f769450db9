//! Measures what a server costs, under one fixed, bounded load, by what the kernel says of the
//! program.
//!
//! Invariant: each figure but memory and threads is the median of several, so that a short
//! disturbance of the machine does not change it; and nothing is timed under strace.

mod chart;
mod figures;
mod page;
pub mod release;
mod row;
mod table;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use grader::kernel::machine::in_use;
use grader::{Check, Checked, Stop, Talk, within};

pub use self::chart::{Colours, chart};
pub use self::figures::count;
pub use self::page::page;
pub use self::row::Row;
pub use self::table::{Rung, ladder, table};
use crate::catalog::lessons::Measure;

/// The numbers of clients to measure with, one after the other.
pub const CLIENTS: [usize; 4] = [1, 10, 100, 1000];
/// The explanation below every table.
pub const HOW: &str = "One client in ten talks, at least one, 64 bytes at a time; they take turns. \
    CPU idle: the share of a core that is wanted while all are connected and nobody talks; the median of \
    3 windows. Latency: the median and the worst of up to 200 messages; of each the median of 3 passes.";
/// Added to [`HOW`] where system calls were counted.
pub const COUNTING_CALLS: &str = "System calls are counted by strace, in a run of their own.";

/// If a greater share of the machine is in use before the measurement, a remark says so.
const AT_REST: f64 = 0.2;
const BUSY: &str = "The machine was busy with other things meanwhile; some of the worst latencies are due to that.";

/// How often each figure is measured.
const PASSES: usize = 3;
/// A window in which nobody talks.
const SILENCE: Duration = Duration::from_millis(250);
/// One pass of talking.
const MESSAGES: usize = 200;
const PASS: Duration = Duration::from_millis(700);
/// How long the clients talk before the first pass, so that start-up is not measured.
const WARM_UP: Duration = Duration::from_millis(100);
/// The messages whose system calls are counted, and the time for them.
const COUNTED: usize = 100;
const COUNTING: Duration = Duration::from_millis(1500);
/// How long one row may take, and how long its system calls.
const ROW: Duration = Duration::from_secs(9);
/// After this, no further row is begun.
const ENOUGH: Duration = Duration::from_secs(18);

/// The result of measuring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// A row for each number of clients.
    pub rows: Vec<Row>,
    /// Remarks that a reader needs to understand the rows.
    pub remarks: Vec<String>,
    /// The number of clients with which measuring failed, and how; no row follows.
    pub broke: Option<(usize, Stop)>,
}

/// The program to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments, and how many clients it serves.
    pub about: &'a Measure,
    /// A folder for strace's log.
    pub scratch: &'a Path,
}

impl Measure {
    /// The numbers of clients that it is measured with.
    pub fn clients(&self) -> Vec<usize> {
        let serves = self.serves.unwrap_or(usize::MAX);
        let clients = CLIENTS.into_iter().filter(|clients| *clients <= serves);
        clients.collect()
    }

    /// A remark that it serves only so many clients, if it does.
    pub fn limit(&self) -> Option<String> {
        let served = plural(self.serves?, "client");
        Some(format!("It serves {served} at a time, and is measured so."))
    }
}

impl Plan<'_> {
    /// Measures with each of these numbers of clients; `tell` is called with each step.
    ///
    /// # Errors
    /// When strace's log cannot be removed. A failure of the program is part of the result, no
    /// error.
    pub fn run(&self, clients: &[usize], tell: &mut dyn FnMut(&str)) -> Result<Measured> {
        let begun = Instant::now();
        let mut measured = Measured::default();
        tell("whether the machine is at rest");
        if in_use(SILENCE).is_some_and(|share| share > AT_REST) {
            measured.remark(BUSY.into());
        }
        for &clients in clients {
            let with = plural(clients, "client");
            if begun.elapsed() > ENOUGH {
                measured.remark(format!("No time was left for {with}."));
                continue;
            }
            let mut tell = |what: &str| tell(&format!("{with}: {what}"));
            match within(ROW, |check| self.row(check, clients, &mut tell)) {
                Ok(row) => measured.rows.push(row),
                Err(stop) => {
                    measured.broke = Some((clients, stop));
                    return Ok(measured);
                }
            }
            tell("system calls");
            self.count_calls(&mut measured)?;
            measured.remark_on_scale(clients);
        }
        Ok(measured)
    }

    /// Everything but system calls.
    fn row(&self, check: &mut Check, clients: usize, tell: &mut dyn FnMut(&str)) -> Checked<Row> {
        tell("connecting");
        let server = check.start_with(self.program, &self.arguments())?;
        let mut connected = server.connect_talkative(clients, self.about.answers)?;
        tell("nobody talks");
        let idle = (0..PASSES).map(|_| Ok(server.observe(SILENCE)?.wanted));
        let idle = idle.collect::<Checked<Vec<f64>>>()?;
        connected.talk(check, self.talk(WARM_UP))?;
        let (mut medians, mut worsts) = (Vec::new(), Vec::new());
        for pass in 1..=PASSES {
            tell(&format!("latency, pass {pass} of {PASSES}"));
            let waited = connected.talk(check, self.talk(PASS))?;
            let waited = waited.iter().map(|one| one.as_secs_f64() * 1e6);
            let waited: Vec<f64> = waited.collect();
            worsts.push(waited.iter().copied().fold(0.0, f64::max));
            medians.push(median(waited));
        }
        Ok(Row {
            clients: connected.len(),
            talkers: connected.talkers(),
            threads: server.threads().len(),
            resident_bytes: server.resident_bytes(),
            reserved_bytes: server.reserved_bytes(),
            // Two clocks are compared, so the share can come out a little above one core per
            // thread.
            idle_wanted: median(idle).min(server.threads().len() as f64),
            calls_per_message: None,
            median_micros: median(medians),
            worst_micros: median(worsts),
        })
    }

    /// Counts the system calls of the last row, in a separate run; if that fails, adds a remark.
    fn count_calls(&self, measured: &mut Measured) -> Result<()> {
        let Some(row) = measured.rows.last_mut() else {
            return Ok(());
        };
        let log = self.scratch.join("strace");
        let counted = within(ROW, |check| self.calls(check, row.clients, &log));
        if log.exists() {
            std::fs::remove_file(&log)?;
        }
        match counted {
            Ok(calls) => row.calls_per_message = Some(calls),
            Err(stop) => {
                let why = reason(&stop).trim_end_matches('.').to_owned();
                let words = format!("System calls were not counted: {why}.");
                measured.remark(words);
            }
        }
        Ok(())
    }

    fn calls(&self, check: &mut Check, clients: usize, log: &Path) -> Checked<f64> {
        let (server, mut trace) = check.start_traced(self.program, &self.arguments(), log)?;
        let mut connected = server.connect_talkative(clients, self.about.answers)?;
        let one = Talk {
            messages: 1,
            ..self.talk(Duration::ZERO)
        };
        trace.calls_for_each(COUNTED, COUNTING, || connected.talk(check, one).map(drop))
    }

    fn arguments(&self) -> Vec<&str> {
        self.about.arguments.iter().map(String::as_str).collect()
    }

    fn talk(&self, at_most: Duration) -> Talk {
        Talk {
            answer: self.about.answers,
            messages: MESSAGES,
            at_most,
        }
    }
}

impl Measured {
    /// Adds a remark, unless it is there already.
    fn remark(&mut self, words: String) {
        if !self.remarks.contains(&words) {
            self.remarks.push(words);
        }
    }

    fn remark_on_scale(&mut self, wanted: usize) {
        let Some(row) = self.rows.last().filter(|row| row.clients < wanted) else {
            return;
        };
        let words = format!(
            "Only {} clients instead of {}: no more open files are allowed here (ulimit -Hn).",
            count(row.clients),
            count(wanted)
        );
        self.remark(words);
    }
}

/// The words for a measurement that was stopped.
pub fn reason(stop: &Stop) -> &str {
    match stop {
        Stop::Red(failure) => &failure.saw,
        Stop::Skipped(reason) | Stop::CouldNotJudge(reason) => reason,
    }
}

fn plural(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {what}{ending}", count(number))
}

/// The middle one; of an even number, the greater of the middle two. 0 of none.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_whatever_the_order() {
        assert_eq!(median(vec![9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(vec![]), 0.0);
    }

    #[test]
    fn who_serves_one_client_is_measured_with_one() {
        let one = Measure {
            serves: Some(1),
            ..Measure::default()
        };
        assert_eq!(one.clients(), [1]);
        assert_eq!(Measure::default().clients(), CLIENTS);
    }
}
