//! What tokio's timers ask of the kernel.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use claims::rt::{at_once, current_thread};
use claims::trace::{Trace, mark};
use claims::{Call, Checked, claim, own, reach};
use grader::kernel::threads;
use rustix::process::getpid;
use rustix::thread::gettid;
use tokio::task::yield_now;
use tokio::time::{Sleep, sleep};
/// The time-outs of the calls of `epoll_wait` that slept, in milliseconds.
fn time_outs(trace: &Trace) -> Vec<i64> {
    let waits = trace.of("epoll_wait").into_iter();
    waits
        .filter_map(grader::strace::SystemCall::time_out)
        .filter(|ms| *ms != 0)
        .collect()
}

/// A sleep that is made and not polled costs no system call. It is a value like any other, and the
/// runtime does not know of it.
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
        // The call that has started this thread may return late, in another one.
        let calls = trace.between("begin", "end").by(trace.thread_of("begin"));
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
            // On a busy machine the first may end so late that there is no second.
            in_pieces += usize::from(waits[0] < ms);
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

/// Whether the first poll of a tokio `sleep` wakes the driver depends on the deadline that the
/// driver knew when it last looked. A hundred sleeps of half an hour, while it knows of an hour: a
/// hundred writes to the eventfd, even if each is due later than the one before. A hundred of two
/// hours: none.
///
/// See tokio 1.54.1: src/runtime/time/mod.rs, reregister and next_wake.
#[test]
fn an_earlier_deadline_wakes_the_driver_each_time() {
    fn writes_for_a_hundred(minutes: u64) -> Checked<u64> {
        let before = own::eventfd_count()?;
        let length = |i| Duration::from_secs(minutes * 60 + i);
        let mut sleeps: Vec<_> = (0..100).map(|i| Box::pin(sleep(length(i)))).collect();
        assert!(
            sleeps
                .iter_mut()
                .all(|sleep| at_once(sleep.as_mut()).is_none())
        );
        Ok(own::eventfd_count()? - before)
    }
    claim(|c| {
        current_thread()?.block_on(async {
            let mut an_hour = pin!(sleep(Duration::from_secs(60 * 60)));
            assert!(at_once(an_hour.as_mut()).is_none());
            // The driver looks here, and learns of the hour.
            yield_now().await;
            let (two_hours, half_an_hour) = (writes_for_a_hundred(120)?, writes_for_a_hundred(30)?);
            c.saw(format!(
                "100 sleeps of two hours: {two_hours} writes; of half an hour: {half_an_hour}"
            ));
            assert_eq!((two_hours, half_an_hour), (0, 100));
            Ok(())
        })
    });
}

/// tokio's timer wheel has six levels of 64 slots. A slot of the first is a millisecond wide, one
/// of the sixth 2³⁰ of them, and the whole wheel 2³⁶, which is some two years. A longer sleep goes
/// round the sixth level once more.
///
/// The driver waits for the beginning of the slot that a deadline lies in: the first time-out shows
/// how wide it is. See tokio 1.54.1: src/runtime/time/wheel/mod.rs, level_for.
#[test]
fn the_timer_wheel_has_six_levels_of_64_slots() {
    claim(|c| {
        let width = |level| 64_i64.pow(level);
        let mut sleeps: Vec<_> = (2..=5)
            .map(|level| (width(level) * 3 / 2, width(level)))
            .collect();
        sleeps.push((width(6) + width(5) * 3 / 2, width(5)));
        let trace = c.trace(|| {
            for (ms, _) in &sleeps {
                mark(&ms.to_string());
                begin_to_wait_for(ms.unsigned_abs())?;
                mark(&format!("{ms} is over"));
            }
            Ok(())
        })?;
        for (ms, slot) in sleeps {
            let waits = time_outs(&trace.between(&ms.to_string(), &format!("{ms} is over")));
            c.saw(format!(
                "a sleep of {ms} ms: the first time-out is {} ms, {} less than {slot}",
                waits[0],
                slot - waits[0]
            ));
            // The wheel began to turn when the runtime was made, a moment before.
            assert!((0..2000).contains(&(slot - waits[0])));
        }
        Ok(())
    });
}

/// Polls a sleep of so many milliseconds, and gives it up once the driver sleeps for it.
fn begin_to_wait_for(ms: u64) -> Checked {
    let sleeper = gettid().as_raw_nonzero().get();
    let is_asleep = move || {
        let threads = threads::of(getpid());
        let mut threads = threads.iter().filter(|thread| thread.id == sleeper);
        threads.any(|thread| thread.sleeps_in(&[Call::Epoll]))
    };
    current_thread()?.block_on(async {
        let mut long = pin!(sleep(Duration::from_millis(ms)));
        let mut gives_up: Option<JoinHandle<Checked>> = None;
        poll_fn(|cx| {
            if gives_up.is_some() {
                return Poll::Ready(());
            }
            assert!(long.as_mut().poll(cx).is_pending());
            let waker = cx.waker().clone();
            gives_up = Some(thread::spawn(move || {
                let seen = reach("the driver asleep", is_asleep);
                waker.wake();
                seen
            }));
            Poll::Pending
        })
        .await;
        gives_up
            .expect("it was polled")
            .join()
            .expect("it does not panic")
    })
}
