//! `reach`: act, then look until the *kernel* shows that the act has had its effect.
//!
//! "Sent", "suspended" and "connected" do not produce a state: buffers, delayed acknowledgements,
//! the backlog and the scheduler decide when, and whether. A check that does not look is wrong in a
//! way that no repetition shows.

use crate::verdict::stop::{Checked, Stop};
use crate::wait;

/// Looks until the kernel shows `what`.
///
/// # Errors
/// Could not judge, when the kernel does not show it within [`wait::PATIENCE`].
pub fn reach(what: &str, mut shown: impl FnMut() -> bool) -> Checked {
    let (deadline, _) = wait::deadline(wait::PATIENCE);
    wait::until(deadline, || shown().then_some(())).ok_or_else(|| {
        let seconds = wait::PATIENCE.as_secs();
        Stop::CouldNotJudge(format!("the kernel did not show {what} within {seconds} s"))
    })
}
