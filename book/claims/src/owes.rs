//! Waiting for what a claim's statement itself promises: "is woken", "is found", "comes back".
//!
//! What kit and kernel owe is waited for with [`reach`](crate::reach), and could not be judged when
//! it does not come. What the statement promises is waited for here, and is red. In both families
//! the words name what is waited for.
//!
//! | looking from | kit and kernel owe it | the statement promises it |
//! |---|---|---|
//! | this thread | [`reach`](crate::reach) | [`owes`] |
//! | a runtime of one thread, while its driver turns | [`reach_by_turns`] | [`owes_by_turns`] |
//! | a future that waits for another future's end | [`reach_end`] | [`owes_end`] |
//!
//! [`reach_by_turns`]: crate::rt::reach_by_turns
//! [`owes_by_turns`]: crate::rt::owes_by_turns
//! [`reach_end`]: crate::rt::reach_end
//! [`owes_end`]: crate::rt::owes_end

use std::time::{Duration, Instant};

use grader::{Checked, Failure, Stop, wait};

/// How long a promise may take to come true. Each takes milliseconds; the rest is for slow and
/// loaded machines, and for strace. It is shorter than a claim may take as a whole, so that the
/// words say what did not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// Looks until the promise `what` is seen to be kept.
///
/// # Errors
/// Red, when it is not.
pub fn owes(what: &str, mut kept: impl FnMut() -> bool) -> Checked {
    wait::until(Instant::now() + PATIENCE, || kept().then_some(())).ok_or_else(|| broken(what))
}

/// The verdict on a promise that was not kept in time.
pub(crate) fn broken(what: &str) -> Stop {
    let seconds = PATIENCE.as_secs();
    does_not_hold(&format!("this did not come within {seconds} s: {what}"))
}

/// The verdict on a claim whose statement is not true.
pub(crate) fn does_not_hold(why: &str) -> Stop {
    Failure {
        saw: "the claim does not hold".into(),
        why: why.to_owned(),
        ..Failure::default()
    }
    .into()
}
