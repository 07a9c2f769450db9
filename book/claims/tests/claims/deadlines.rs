//! What stands on tokio's timers: time-outs, intervals, and the wakers that the driver calls.

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use claims::claim;
use claims::rt::{at_once, current_thread, owes_by_turns};
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

const PERIOD: Duration = Duration::from_millis(20);

/// A time-out of tokio's asks its future first. One that is ready when its time has passed as well
/// returns its output, and no error.
///
/// See tokio 1.54.1: src/time/timeout.rs, poll.
#[test]
fn a_timeout_asks_its_future_first() {
    claim(|c| {
        current_thread()?.block_on(async {
            let ms = Duration::from_millis(1);
            let mut polls = 0;
            let ready_at_its_second_poll = poll_fn(|_| {
                polls += 1;
                if polls > 1 {
                    Poll::Ready(7)
                } else {
                    Poll::Pending
                }
            });
            let mut late = pin!(timeout(ms, ready_at_its_second_poll));
            let mut never = pin!(timeout(ms, pending::<u8>()));
            assert!(at_once(late.as_mut()).is_none());
            assert!(at_once(never.as_mut()).is_none());
            // By then the time of both has passed.
            sleep(ms * 5).await;
            let (late, never) = (at_once(late.as_mut()), at_once(never.as_mut()));
            c.saw(format!(
                "ready, and too late: {late:?}; only too late: {never:?}"
            ));
            assert!(matches!(late, Some(Ok(7))));
            assert!(matches!(never, Some(Err(_))));
            Ok(())
        })
    });
}

/// A tokio `interval` that was held up for ten periods makes up for each tick that it missed, at
/// once: `Burst` is its default. With `Delay` or `Skip`, one tick comes at once, and no other.
///
/// While the driver does not turn, no time passes for its timers; so what is counted here does not
/// depend on the machine. See tokio 1.54.1: src/time/interval.rs, next_timeout.
#[test]
fn an_interval_makes_up_for_missed_ticks_unless_told_otherwise() {
    claim(|c| {
        current_thread()?.block_on(async {
            for behaviour in [
                None,
                Some(MissedTickBehavior::Delay),
                Some(MissedTickBehavior::Skip),
            ] {
                let mut interval = interval(PERIOD);
                if let Some(behaviour) = behaviour {
                    interval.set_missed_tick_behavior(behaviour);
                }
                interval.tick().await;
                thread::sleep(PERIOD * 21 / 2);
                // The driver looks at the clock.
                sleep(Duration::from_millis(1)).await;
                let mut ticks = 0;
                while at_once(interval.tick()).is_some() {
                    ticks += 1;
                }
                c.saw(format!("{behaviour:?}, after ten periods: {ticks} at once"));
                match behaviour {
                    None => assert!(ticks >= 10),
                    Some(_) => assert_eq!(ticks, 1),
                }
            }
            Ok(())
        })
    });
}

/// A waker that polls a new sleep when it is called.
struct SetsAnother {
    runtime: Handle,
    is_done: AtomicBool,
}

impl Wake for SetsAnother {
    fn wake(self: Arc<Self>) {
        let _entered = self.runtime.enter();
        let mut another = pin!(sleep(Duration::from_secs(3600)));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(another.as_mut().poll(&mut cx).is_pending());
        self.is_done.store(true, Ordering::SeqCst);
    }
}

/// When a timer of tokio's is due, its waker is called without the lock of the wheel: it may set
/// another timer on the spot, and cancel it.
///
/// See tokio 1.54.1: src/runtime/time/mod.rs, process_at_time.
#[test]
fn a_timer_wakes_without_the_lock_of_the_wheel() {
    claim(|c| {
        current_thread()?.block_on(async {
            let sets = Arc::new(SetsAnother {
                runtime: Handle::current(),
                is_done: AtomicBool::new(false),
            });
            let waker = Waker::from(Arc::clone(&sets));
            let mut due = Box::pin(sleep(Duration::from_millis(20)));
            let polled = Pin::as_mut(&mut due).poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
            let is_done = || sets.is_done.load(Ordering::SeqCst);
            owes_by_turns("a waker that sets a timer when it is called", is_done).await?;
            c.saw("the waker of a timer has set another timer, and cancelled it");
            Ok(())
        })
    });
}
