//! All figures, as a table for a person and as JSON for a program.

use std::fmt;

use serde::Serialize;

use crate::figures::Spread;
use crate::{echo, machine, micro};

/// The lock file of the course: which versions are compared.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// What was measured, and on what.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    machine: String,
    /// Names and versions.
    peers: Vec<String>,
    pub(crate) micro: Vec<micro::Row>,
    pub(crate) echo: Vec<echo::Row>,
}

impl Report {
    /// Without figures.
    pub(crate) fn new() -> Self {
        let peers = ["tokio", "smol", "mio"].iter().map(|name| {
            let entry = LOCK.split("[[package]]").find_map(|entry| {
                entry
                    .trim()
                    .strip_prefix(&format!("name = \"{name}\"\nversion = \""))
            });
            let version = entry.and_then(|entry| entry.split('"').next());
            format!("{name} {}", version.unwrap_or("?"))
        });
        Self {
            machine: machine::name(),
            peers: peers.collect(),
            micro: Vec::new(),
            echo: Vec::new(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}; {}", self.machine, self.peers.join(", "))?;
        writeln!(
            f,
            "Processor time, and as a share of tokio's in the same round: the median, and between \
             which two\nthe middle half of the rounds lies. Less is cheaper."
        )?;
        let mut before = "";
        for row in &self.micro {
            if before != row.work {
                writeln!(f, "\n{}", row.work)?;
                before = row.work;
            }
            let (nanos, share) = (row.nanos.median, share(row.to_tokio));
            writeln!(f, "  {:18} {nanos:>9.0} ns  {share}", row.runtime)?;
        }
        let mut before = 0;
        for row in &self.echo {
            if before != row.connections {
                let of = count(row.connections);
                writeln!(
                    f,
                    "\n{of:20} {:>12} {:>21} {:>12} {:>12} {:>7}",
                    "a message", "share of tokio's", "median wait", "memory each", "calls"
                )?;
                before = row.connections;
            }
            let (nanos, share) = (row.nanos.median, share(row.to_tokio));
            let (micros, kib) = (row.micros.median, row.bytes_a_connection.median / 1024.0);
            // With a few it is a page more or less, and says nothing.
            let kib = (row.connections >= 64).then_some(kib);
            let (kib, calls) = (or_dash(kib), or_dash(row.calls_a_message));
            writeln!(
                f,
                "  {:18} {nanos:>9.0} ns {share:>21} {micros:>9.0} µs {kib:>8} KiB {calls:>7}",
                row.server,
            )?;
        }
        Ok(())
    }
}

/// `1 connection`, `64 connections`.
fn count(connections: usize) -> String {
    let plural = if connections == 1 { "" } else { "s" };
    format!("{connections} connection{plural}")
}

/// `2.02`, or `-` where nothing was measured.
fn or_dash(figure: Option<f64>) -> String {
    figure.map_or("-".into(), |figure| format!("{figure:.2}"))
}

/// `0.98 (0.97 to 1.01)`.
fn share(spread: Spread) -> String {
    let Spread { low, median, high } = spread;
    format!("{median:.2} ({low:.2} to {high:.2})")
}
