//! What tokio's timers ask of the kernel.

use std::time::Duration;

use claims::claim;
use claims::rt::current_thread;
use claims::trace::{Trace, mark};
use tokio::time::{Sleep, sleep};

/// The time-outs of the calls of `epoll_wait` that slept, in milliseconds.
fn time_outs(trace: &Trace) -> Vec<i64> {
    let waits = trace.of("epoll_wait").into_iter();
    waits
        .filter_map(grader::strace::SystemCall::time_out)
        .filter(|ms| *ms != 0)
        .collect()
}

/// A sleep that is made and not polled costs no system call. It is a value like any other, and
/// nobody knows of it.
#[test]
fn a_sleep_is_free_until_it_is_polled() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                mark("begin");
                for seconds in 1..=1000 {
                    drop(sleep(Duration::from_secs(seconds)));
                }
                mark("end");
                Ok(())
            })
        })?;
        let calls = trace.between("begin", "end");
        c.saw(format!(
            "1000 sleeps of {} bytes, made and dropped: {} system calls",
            size_of::<Sleep>(),
            calls.0.len()
        ));
        assert!(calls.0.is_empty(), "{:?}", calls.names());
        Ok(())
    });
}

/// The time-out of `epoll_wait` is not the time that is left, but the time to the next slot of the
/// timer wheel. A sleep of 200 ms is mostly two or more waits, the first of which ends early.
///
/// The wheel has six levels of 64 slots, and a slot of the second level is 64 ms wide: one deadline
/// in 64 lies on the edge of a slot. See tokio 1.54.1: src/runtime/time/wheel/mod.rs,
/// next_expiration.
#[test]
fn a_sleep_is_several_waits() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                // One may end on the edge of a slot by chance; two do not.
                for (ms, name) in [(200, "200"), (210, "210"), (220, "220")] {
                    mark(name);
                    sleep(Duration::from_millis(ms)).await;
                    mark(&format!("{name} is over"));
                }
                Ok(())
            })
        })?;
        let mut in_pieces = 0;
        for ms in [200, 210, 220] {
            let waits = time_outs(&trace.between(&ms.to_string(), &format!("{ms} is over")));
            c.saw(format!("a sleep of {ms} ms: time-outs of {waits:?} ms"));
            in_pieces += usize::from(waits.len() > 1 && waits[0] < ms);
        }
        assert!(in_pieces >= 2);
        Ok(())
    });
}

/// tokio's timers have a resolution of one millisecond, rounded up. A sleep of 100 µs waits in
/// `epoll_wait` with a time-out of 1, or of 2 when it begins at the end of a millisecond.
#[test]
fn a_sleep_of_microseconds_is_a_wait_of_a_millisecond() {
    claim(|c| {
        let trace = c.trace(|| {
            current_thread()?.block_on(async {
                mark("begin");
                for _ in 0..20 {
                    sleep(Duration::from_micros(100)).await;
                }
                mark("end");
                Ok(())
            })
        })?;
        let waits = time_outs(&trace.between("begin", "end"));
        c.saw(format!("20 sleeps of 100 µs: time-outs of {waits:?} ms"));
        assert!(!waits.is_empty() && waits.iter().all(|ms| matches!(ms, 1 | 2)));
        Ok(())
    });
}
