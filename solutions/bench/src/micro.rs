//! Tasks and timers without sockets: what a runtime itself takes.

mod peers;
mod work;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::figures::Spread;
use crate::options::Options;
use peers::{Ours, Peer, Smol, Tokio};
use work::{Work, done};

/// One piece of work on one runtime.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) work: &'static str,
    pub(crate) runtime: &'static str,
    /// How often it was done, in all rounds.
    pub(crate) times: usize,
    /// Processor time each time, in nanoseconds.
    pub(crate) nanos: Spread,
    /// The same, in each round, as a share of tokio's in that round.
    pub(crate) to_tokio: Spread,
}

/// How a runtime does a piece of work so many times, and how often it says it has.
type Does = fn(Work, usize) -> usize;

/// The runtimes; the first is the one that others are compared with.
const RUNTIMES: [(&str, Does); 3] = [
    (Tokio::NAME, done::<Tokio>),
    (Ours::NAME, done::<Ours>),
    (Smol::NAME, done::<Smol>),
];

/// Measures all work on all runtimes.
pub(crate) fn run(options: &Options) -> Vec<Row> {
    let asked_for = Work::ALL
        .into_iter()
        .filter(|work| options.has(work.name()));
    let rows = asked_for.flat_map(|work| {
        eprintln!("{}", work.name());
        rows(work, options)
    });
    rows.collect()
}

fn rows(work: Work, options: &Options) -> Vec<Row> {
    let times = if options.quick { 1000 } else { work.times() };
    let mut nanos = RUNTIMES.map(|_| Vec::new());
    let mut all_done = RUNTIMES.map(|_| 0);
    for round in 0..options.rounds {
        // Another one begins each time: the first finds the machine as it was left.
        for at in 0..RUNTIMES.len() {
            let at = (at + round) % RUNTIMES.len();
            let before = used();
            let done = RUNTIMES[at].1(work, times);
            let took = used() - before;
            nanos[at].push(took.as_nanos() as f64 / done as f64);
            all_done[at] += done;
        }
    }
    let tokio = nanos[0].clone();
    let rows = RUNTIMES.iter().zip(nanos).zip(all_done);
    rows.map(|((&(runtime, _), nanos), times)| Row {
        work: work.name(),
        runtime,
        times,
        to_tokio: Spread::of_ratios(&nanos, &tokio),
        nanos: Spread::of(nanos),
    })
    .collect()
}

/// The processor time that all threads of this process have used.
fn used() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.try_into().unwrap_or_default()
}
