//! Where random bytes come from, so that a run can be repeated.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where random bytes come from, so that a run can be repeated.
#[derive(Debug)]
pub(crate) struct Seed {
    value: u64,
    /// Set when something was made of it.
    drawn: AtomicBool,
}

impl Seed {
    /// The one that `$COURSE_SEED` names, or any.
    pub(crate) fn of_this_run() -> Self {
        let named = env::var("COURSE_SEED").ok();
        Self {
            value: named
                .and_then(|seed| seed.parse().ok())
                .unwrap_or_else(|| fastrand::u64(..)),
            drawn: AtomicBool::new(false),
        }
    }

    /// Its value, for a process that is to make the same of it.
    pub(crate) fn value(&self) -> u64 {
        self.value
    }

    /// Notes that something was made of it.
    pub(crate) fn draw(&self) {
        self.drawn.store(true, Ordering::SeqCst);
    }

    /// What to say of it with a failure: nothing, where nothing was made of it.
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
