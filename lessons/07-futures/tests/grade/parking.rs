//! What a parker does, called directly.

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use futures_by_hand::{Parker, block_on};
use grader::{Checked, Explanation, Steps};

use super::strangers::pending_once;

const SHORT: Duration = Duration::from_millis(100);

/// Called first, parked afterwards.
pub(super) fn is_called_before_it_parks(steps: &Steps) -> Checked {
    steps.now("`unpark`, and only then `park`");
    let parker = Parker::new();
    parker.unpark();
    parker.park();
    steps.now("a waker made of the parker is woken, and only then `park`");
    let parker = Arc::new(Parker::new());
    Waker::from(Arc::clone(&parker)).wake();
    parker.park();
    steps.now("`block_on` of a future that wakes its task while it is being polled");
    block_on(pending_once(()));
    Ok(())
}

/// Parked with a time-out: without a call, after two, and after those were taken.
pub(super) fn parks_for_a_time(steps: &Steps) -> Checked {
    let parker = Parker::new();
    steps.now("`park_timeout` of 100 ms, without a call");
    let slept = timed(|| parker.park_timeout(SHORT));
    if slept < SHORT {
        steps.violated_so(
            format!("nobody called, and it returned after {slept:?} of 100 ms"),
            Explanation {
                expected: "`park_timeout` sleeps for its time unless somebody calls",
                why: "a condition variable may return for no reason, and then time is left; and a sleep that is never \
                      begun is over at once. Whoever counts on the time is early",
                look: "what ends your sleep while no call has come and the time is not over",
            },
        );
    }
    steps.now("`park_timeout` of an hour, after two calls");
    parker.unpark();
    parker.unpark();
    parker.park_timeout(Duration::from_secs(3600));
    steps.now("`park_timeout` of 100 ms, after those calls were taken");
    let slept = timed(|| parker.park_timeout(SHORT));
    if slept < SHORT {
        steps.violated_so(
            format!("the calls were taken, and the next park returned after {slept:?} of 100 ms"),
            Explanation {
                expected: "a park takes the call that ends it, and several that nobody has taken are one",
                why: "a call that is not taken ends the next park too, and the one after it: a thread that cannot sleep \
                      spins",
                look: "who clears what `unpark` has set, whether or not there was a time-out, and how much of it",
            },
        );
    }
    Ok(())
}

fn timed(f: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    f();
    begun.elapsed()
}
