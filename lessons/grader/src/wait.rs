//! Waiting: look again and again until something is seen or a deadline has passed. Nothing here
//! sleeps a fixed time.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

/// How long a program is given for what it owes at once. A correct one needs milliseconds; the rest
/// is for slow and loaded machines.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

thread_local! {
    /// The moment from which the check on this thread has no time left; `None` before the first
    /// check. Set by [`check_ends`] when a check begins.
    static CHECK_ENDS: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Notes the moment from which the check that begins on this thread has no time left.
pub(crate) fn check_ends(at: Instant) {
    CHECK_ENDS.set(Some(at));
}

/// The end of `patience` from now, or the end of the check's time if that is sooner; and whether it
/// is sooner.
pub(crate) fn deadline(patience: Duration) -> (Instant, bool) {
    let patient_until = Instant::now() + patience;
    match CHECK_ENDS.get() {
        Some(end) if end < patient_until => (end, true),
        _ => (patient_until, false),
    }
}

/// Calls `look` until it sees something, one last time after the deadline; `None` when it never
/// does.
pub fn until<T>(deadline: Instant, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let mut pause = Duration::from_micros(100);
    loop {
        let last = Instant::now() >= deadline;
        if let Some(seen) = look() {
            return Some(seen);
        }
        if last {
            return None;
        }
        thread::sleep(pause.min(deadline.saturating_duration_since(Instant::now())));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_returns_what_it_sees_and_gives_up_at_the_deadline() {
        let mut looks = 0;
        let seen = until(Instant::now() + PATIENCE, || {
            looks += 1;
            (looks == 5).then_some("there")
        });
        assert_eq!(seen, Some("there"));
        assert_eq!(until(Instant::now(), || None::<()>), None);
    }
}
