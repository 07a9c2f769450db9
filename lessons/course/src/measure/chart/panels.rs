//! The kinds of cost that a chart shows.

use crate::measure::figures::{bytes, calls, count, micros, share};
use crate::measure::row::Row;

const MIB: f64 = (1 << 20) as f64;

/// How long a bar is.
pub(super) enum Scale {
    /// Ten times as much is one step more.
    Tenfold,
    /// A share of the whole.
    Share,
}

/// One kind of cost.
pub(super) struct Panel {
    pub(super) heading: &'static str,
    pub(super) scale: Scale,
    pub(super) figure: fn(&Row) -> Option<f64>,
    pub(super) tell: fn(f64) -> String,
}

/// All of them, in the order in which they stand.
pub(super) const PANELS: [Panel; 6] = [
    Panel {
        heading: "Threads",
        scale: Scale::Tenfold,
        figure: |row| Some(row.threads as f64),
        tell: |threads| count(threads as usize),
    },
    Panel {
        heading: "Memory, resident",
        scale: Scale::Tenfold,
        figure: |row| Some(row.resident_bytes as f64 / MIB),
        tell: |mebibytes| bytes((mebibytes * MIB) as u64),
    },
    Panel {
        heading: "Address space, reserved",
        scale: Scale::Tenfold,
        figure: |row| Some(row.reserved_bytes as f64 / MIB),
        tell: |mebibytes| bytes((mebibytes * MIB) as u64),
    },
    Panel {
        heading: "CPU wanted while nobody talks",
        scale: Scale::Share,
        figure: |row| Some(row.idle_wanted),
        tell: share,
    },
    Panel {
        heading: "System calls for each message",
        scale: Scale::Tenfold,
        figure: |row| row.calls_per_message,
        tell: |made| calls(Some(made)),
    },
    Panel {
        heading: "Median latency of a message",
        scale: Scale::Tenfold,
        figure: |row| Some(row.median_micros),
        tell: micros,
    },
];
