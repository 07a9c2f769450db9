//! Where random bytes come from, so that a run can be repeated.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

/// The seed of one check's random bytes.
#[derive(Debug)]
pub(crate) struct Seed {
    /// Never changes.
    value: u64,
    /// Set by [`Seed::draw`] when a check has made the first bytes from the seed; never unset.
    drawn: AtomicBool,
}

impl Seed {
    /// The seed that `$COURSE_SEED` names, or a random one.
    pub(crate) fn of_this_run() -> Self {
        let named = env::var("COURSE_SEED").ok();
        Self {
            value: named
                .and_then(|seed| seed.parse().ok())
                .unwrap_or_else(|| fastrand::u64(..)),
            drawn: AtomicBool::new(false),
        }
    }

    /// Its value, for a process that has to make the same bytes.
    pub(crate) fn value(&self) -> u64 {
        self.value
    }

    /// Notes that bytes were made from it.
    pub(crate) fn draw(&self) {
        self.drawn.store(true, Ordering::SeqCst);
    }

    /// What a failure says of the seed: nothing, when the check has made no bytes from it.
    pub(crate) fn tell(&self) -> Option<String> {
        let told = || {
            format!(
                "to have the same bytes sent again, set COURSE_SEED={}",
                self.value
            )
        };
        self.drawn.load(Ordering::SeqCst).then(told)
    }
}
