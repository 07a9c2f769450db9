//! Spinning: to look again for a while, where nothing is to be done, before going to sleep.

use std::time::{Duration, Instant};

/// How long a thread that has nothing to do still looks, and since when it does.
#[derive(Debug)]
pub(crate) struct Spin {
    /// Zero is not at all.
    at_most: Duration,
    /// When there was something to do, the last time that this was asked.
    worked: Instant,
}

impl Spin {
    pub(crate) fn new(at_most: Duration) -> Self {
        Self {
            at_most,
            worked: Instant::now(),
        }
    }

    /// Whether to look once more without sleeping, after a look at which there was something to do,
    /// or was not.
    pub(crate) fn goes_on(&mut self, has_worked: bool) -> bool {
        // Where nothing spins, the clock is not even read.
        if self.at_most.is_zero() {
            return false;
        }
        let now = Instant::now();
        if has_worked {
            self.worked = now;
        }
        now - self.worked < self.at_most
    }
}
