//! The one door: every claim is one call of [`claim`].

use std::any::Any;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use grader::{Checked, Failure, Steps, Stop, check_of, test_of};

/// How long a claim may take. Under strace everything is slow, and cargo may have to wait for another cargo.
const PATIENCE: Duration = Duration::from_secs(12);

/// A claim while it is put to the test.
#[derive(Debug)]
pub struct Claim {
    /// The test that it stands in, as libtest's `--exact` wants it.
    pub(crate) test: &'static str,
    steps: Steps,
}

/// Puts a claim to the test, in a process of its own: the whole body of a test.
///
/// What does not hold panics, by `assert!` and its kin. What kit and kernel did not bring about, a state that was
/// never [reached](grader::reach) or an `io::Error`, could not be judged; where the machine does not let it look, the
/// claim is skipped. Both are said, and fail only where `CI` is set.
///
/// # Panics
/// When it does not hold.
pub fn claim<F: FnOnce(&Claim) -> Checked>(body: F) {
    let test = test_of::<F>();
    check_of(test, |check| {
        let apart = check.start_apart(|steps| {
            let steps = steps.clone();
            let claim = Claim { test, steps };
            panic::catch_unwind(AssertUnwindSafe(|| body(&claim)))
                .unwrap_or_else(|panic| Err(refuted(panic.as_ref())))
        })?;
        apart.concludes_within(PATIENCE)
    });
}

impl Claim {
    /// Says what was seen, for whoever runs the claim to look at it; about twenty lines are kept.
    pub fn saw(&self, what: impl Display) {
        for line in what.to_string().lines() {
            self.steps.note(&line.replace('\t', " "));
        }
    }
}

/// A failed assertion's words. Its place stands on standard error already.
fn refuted(panic: &(dyn Any + Send)) -> Stop {
    let words = panic.downcast_ref::<String>().cloned();
    let words = words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    Failure {
        saw: "the claim does not hold".into(),
        why: words.unwrap_or_default(),
        ..Failure::default()
    }
    .into()
}
