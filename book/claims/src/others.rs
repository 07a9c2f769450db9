//! Waiting for other processes.

use std::panic;
use std::thread;
use std::time::Duration;

/// Runs, on a thread of its own, work that sleeps until other processes are done.
///
/// The kit gives up a program in which every thread sleeps without a time-out: nothing in it could
/// ever wake it. It does not know of other processes. So this thread sleeps with one.
pub(crate) fn wait_for<T: Send>(what: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let waits = scope.spawn(what);
        while !waits.is_finished() {
            thread::park_timeout(Duration::from_millis(5));
        }
        waits
            .join()
            .unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}
