//! A sorted map that is told the same as a wheel, and knows what that has to answer.

use std::collections::BTreeMap;

use fastrand::Rng;
use grader::{Checked, Stop, violation};
use time::{Key, Wheel};

use crate::by_hand::advance;

/// The most operations that are told in a failure.
const TOLD: usize = 24;

/// A wheel, and the timers that ought to be in it.
#[derive(Default)]
pub(crate) struct Oracle {
    wheel: Wheel<u64>,
    /// By deadline and number.
    set: BTreeMap<(u64, u64), Key>,
    now: u64,
    /// How many timers there have been; the latest has this number.
    number: u64,
    /// What was done so far.
    story: Vec<String>,
}

impl Oracle {
    /// Does this many operations, chosen by `random`, and lets all that is left be due.
    ///
    /// # Errors
    /// Red, where the wheel and the map do not agree.
    pub(crate) fn agrees(operations: usize, random: &mut Rng) -> Checked {
        let mut oracle = Self::default();
        for _ in 0..operations {
            oracle.one(random)?;
        }
        oracle.advance(u64::MAX)
    }

    fn one(&mut self, random: &mut Rng) -> Checked {
        // Spans of every order of magnitude, also beyond 2^36.
        let bits = random.u32(..41);
        let span = random.u64(..=1 << bits);
        match random.u32(..10) {
            0..=4 => self.insert(self.now + span),
            5 => self.insert(self.now.saturating_sub(span)),
            6..=7 => self.cancel_one(self.now + span),
            8 => self.advance(self.wheel.next_deadline().unwrap_or_default()),
            _ => self.advance(self.now + span.min(1 << 38)),
        }
    }

    fn insert(&mut self, at_ms: u64) -> Checked {
        self.number += 1;
        self.story
            .push(format!("insert #{} at {at_ms}", self.number));
        let key = self.wheel.insert(at_ms, self.number);
        // One that has passed counts as now.
        self.set.insert((at_ms.max(self.now), self.number), key);
        self.looks_ahead()
    }

    /// Cancels the first timer from a time on.
    fn cancel_one(&mut self, from: u64) -> Checked {
        let Some((&(at_ms, number), &key)) = self.set.range((from, 0)..).next() else {
            return Ok(());
        };
        self.story.push(format!("cancel #{number}"));
        self.set.remove(&(at_ms, number));
        if self.wheel.get_mut(key).copied() != Some(number) {
            return Err(self.red(format!("`get_mut` does not find #{number}, which is set")));
        }
        match self.wheel.cancel(key) {
            Some(cancelled) if cancelled == number => self.looks_ahead(),
            other => Err(self.red(format!("`cancel` of #{number} returned {other:?}"))),
        }
    }

    fn advance(&mut self, to_ms: u64) -> Checked {
        self.story.push(format!("advance to {to_ms}"));
        let due = advance(&mut self.wheel, to_ms);
        self.now = self.now.max(to_ms);
        let later = self.set.split_off(&(self.now, u64::MAX));
        let expected = std::mem::replace(&mut self.set, later);
        let at: BTreeMap<u64, u64> = expected.keys().map(|(at, number)| (*number, *at)).collect();
        if let Some(early) = due.iter().find(|number| !at.contains_key(number)) {
            let saw = format!("#{early} was due at {}, and must not be", self.now);
            return Err(self.red(saw));
        }
        if due.len() > at.len() {
            return Err(self.red(format!("{} values came, of {} timers", due.len(), at.len())));
        }
        if let Some((late, at_ms)) = at.iter().find(|(number, _)| !due.contains(number)) {
            let saw = format!("#{late}, set for {at_ms}, was not due at {}", self.now);
            return Err(self.red(saw));
        }
        if let Some(pair) = due.windows(2).find(|pair| at[&pair[0]] > at[&pair[1]]) {
            let saw = format!("#{} came before #{}, which is earlier", pair[0], pair[1]);
            return Err(self.red(saw));
        }
        if self.wheel.now() != self.now {
            return Err(self.red(format!("`now` is {}", self.wheel.now())));
        }
        self.looks_ahead()
    }

    /// Whether the wheel asks to be advanced in time.
    fn looks_ahead(&self) -> Checked {
        let first = self.set.keys().next().map(|(at_ms, _)| *at_ms);
        match (self.wheel.next_deadline(), first) {
            (None, None) => Ok(()),
            (Some(next), Some(first)) if self.now <= next && next <= first => Ok(()),
            (next, first) => Err(self.red(format!(
                "`next_deadline` is {next:?}, and the next deadline is {first:?}"
            ))),
        }
    }

    /// What was seen, and what was done before.
    fn red(&self, saw: String) -> Stop {
        let count = self.story.len();
        let skipped = count.saturating_sub(TOLD);
        let beginning = match skipped {
            0 => String::new(),
            _ => format!("{skipped} operations, then "),
        };
        let story = self.story[skipped..].join(", ");
        violation(format!("{saw}, after this: {beginning}{story}"))
    }
}
