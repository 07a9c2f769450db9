//! One row of figures: the cost of a program with one number of clients.

use serde::Serialize;

/// The cost of a program with this many clients.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Clients that are connected.
    pub clients: usize,
    /// How many of them talk.
    pub talkers: usize,
    /// The program's threads.
    pub threads: usize,
    /// Memory that it occupies, in bytes.
    pub resident_bytes: u64,
    /// Address space that it has reserved, in bytes.
    pub reserved_bytes: u64,
    /// Processor time wanted while nobody talks, as a share of one core: 1.0 is all of it.
    pub idle_wanted: f64,
    /// System calls for each answered message; `None` where they cannot be counted.
    pub calls_per_message: Option<f64>,
    /// How long a message waits for its answer, in microseconds.
    pub median_micros: f64,
    /// How long the unluckiest message waits, in microseconds.
    pub worst_micros: f64,
}
