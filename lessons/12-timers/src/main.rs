//! A wheel that is told what time it is. Reads lines from standard input:
//!
//! - `insert ID AT_MS` sets a timer, in the place of any earlier one with that name.
//! - `cancel ID` cancels it, if it has not fired.
//! - `advance MS` goes on to that time, and prints `fired ID AT_MS` for each timer that is due.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_variables,
    unused_imports,
    unused_mut,
    unreachable_code,
    clippy::diverging_sub_expression,
    reason = "a stub: delete this attribute when you begin"
)]

use std::collections::HashMap;
use std::io::{self, Write};

use time::{Key, Wheel};

/// The timers, by name.
#[derive(Default)]
struct Alarms {
    wheel: Wheel<(String, u64)>,
    keys: HashMap<String, Key>,
}

impl Alarms {
    fn insert(&mut self, id: &str, at_ms: u64) {
        self.cancel(id);
        let key = self.wheel.insert(at_ms, (id.to_owned(), at_ms));
        self.keys.insert(id.to_owned(), key);
    }

    fn cancel(&mut self, id: &str) {
        if let Some(key) = self.keys.remove(id) {
            self.wheel.cancel(key);
        }
    }

    fn advance(&mut self, to_ms: u64) -> io::Result<()> {
        let mut due = Vec::new();
        self.wheel.advance(to_ms, &mut due);
        let mut output = io::stdout().lock();
        for (id, at_ms) in due {
            writeln!(output, "fired {id} {at_ms}")?;
            self.keys.remove(&id);
        }
        output.flush()
    }
}

fn main() -> io::Result<()> {
    let mut alarms = Alarms::default();
    for line in io::stdin().lines() {
        let line = line?;
        let number = |word: &str| word.parse().map_err(io::Error::other);
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [] => {}
            ["insert", id, at_ms] => alarms.insert(id, number(at_ms)?),
            ["cancel", id] => alarms.cancel(id),
            ["advance", ms] => alarms.advance(number(ms)?)?,
            _ => return Err(io::Error::other(format!("this is no line: {line}"))),
        }
    }
    Ok(())
}
