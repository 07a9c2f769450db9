//! The entry point of every claim: its test's body is one call of [`claim`], or of
//! [`claim_of_text`].

use std::cell::RefCell;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use grader::{Checked, Steps, check_of, panic_words, test_of};

use crate::owes::does_not_hold;

/// How long a claim may take. Under strace everything is slow.
const PATIENCE: Duration = Duration::from_secs(12);

/// A claim while its test runs. (`course::claims::Claim` is the same claim as it stands in the
/// test's text.)
#[derive(Debug)]
pub struct Claim {
    /// The test that it stands in, as libtest's `--exact` wants it.
    pub(crate) test: &'static str,
    sight: Sight,
}

/// The place where observations are reported.
#[derive(Debug)]
enum Sight {
    /// To the process that watches this one.
    Apart(Steps),
    /// To this process, when the claim is done.
    Here(RefCell<Vec<String>>),
}

/// Puts a claim to the test, in a process of its own: the whole body of a test.
///
/// The body fails the claim by a panic, of `assert!` and its kin, and by what the statement
/// promises and is [never seen](crate::owes()). A state that kit and kernel never
/// [reached](grader::reach), or an `io::Error`, makes it *could not judge*; a machine that does not
/// allow the observation makes it *skipped*. Both are printed, and fail the test only where `CI` is
/// set.
///
/// # Panics
/// When it does not hold.
pub fn claim<F: FnOnce(&Claim) -> Checked>(body: F) {
    let test = test_of::<F>();
    check_of(test, |check| {
        let apart = check.start_isolated(|steps| {
            let sight = Sight::Apart(steps.clone());
            Claim { test, sight }.tried(body)
        })?;
        apart.concludes_within(PATIENCE)
    });
}

/// Puts a claim about what stands in a source to the test. It runs nothing, and needs no process of
/// its own.
///
/// # Panics
/// When it does not hold.
pub fn claim_of_text<F: FnOnce(&Claim) -> Checked>(body: F) {
    let test = test_of::<F>();
    check_of(test, |check| {
        let sight = Sight::Here(RefCell::default());
        let claim = Claim { test, sight };
        let concluded = claim.tried(body);
        if let Sight::Here(seen) = claim.sight {
            seen.into_inner()
                .into_iter()
                .for_each(|line| check.note(line));
        }
        concluded
    });
}

impl Claim {
    /// Reports an observation, for the person who runs the claim; about twenty lines are kept.
    pub fn saw(&self, what: impl Display) {
        for line in what.to_string().lines() {
            let line = line.replace('\t', " ");
            match &self.sight {
                Sight::Apart(steps) => steps.note(&line),
                Sight::Here(seen) => seen.borrow_mut().push(line),
            }
        }
    }

    /// Runs the claim's body. A failed assertion becomes its verdict; the panic's place has been
    /// printed on standard error already.
    pub(crate) fn tried(&self, body: impl FnOnce(&Self) -> Checked) -> Checked {
        panic::catch_unwind(AssertUnwindSafe(|| body(self)))
            .unwrap_or_else(|panic| Err(does_not_hold(panic_words(&*panic))))
    }
}
