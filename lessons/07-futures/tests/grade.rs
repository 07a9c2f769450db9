//! What `just check lesson-07` holds your library and your program to.
//!
//! Most checks call your functions directly, in a process of their own, and play the stranger on the other side of the
//! contract: an executor to your futures, a future to your executor.

#[cfg(feature = "model")]
#[path = "grade/stories.rs"]
mod stories;
#[path = "grade/strangers.rs"]
mod strangers;

use std::future::{self, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use futures_by_hand::{Delay, Parker, YieldNow, block_on};
use grader::kernel::threads::Call;
use grader::{Explain, FutureProbe, WakerProbe, check};

use strangers::{pending_once, pester, woken_from_outside};

/// While a future must not be polled: long enough for whoever polls every few milliseconds to show it.
const QUIET: Duration = Duration::from_millis(150);

/// `block_on` returns what the future is ready with, whatever that is, and asks no more.
///
/// # Hint
/// `poll` wants a `Pin<&mut F>`: the macro `std::pin::pin!` makes one of a future that you own.
///
/// # Hint
/// `Poll::Ready(output)` is the end of the loop: `match` on what one `poll` returned, and return the output.
#[test]
fn returns_what_a_ready_future_holds() {
    check(|c| {
        let value = Rc::new(c.payload(16));
        c.apart(|steps| {
            steps.now("`block_on` of a future that is ready at once");
            let (future, polls) = FutureProbe::new(steps, future::ready(Rc::clone(&value)));
            let mut got = block_on(future);
            if polls.count() == 1 && got == value {
                steps.now("`block_on` of a future that is pending once, and wakes its task at once");
                let (future, _) = FutureProbe::new(steps, pending_once(Rc::clone(&value)));
                got = block_on(future);
            }
            if got != value {
                steps.violated(format!("it returned {got:?} and not {value:?}"));
            }
            Ok(())
        })
        .explain(
            "`block_on` returns what its future is ready with, and polls it no more",
            "`Ready` hands the value over. A future that was ready has nothing left; what it does when it is polled \
             again is nobody's promise",
            "what your loop does with what `poll` returned, and how often it calls `poll` for that",
        )
    });
}

/// An `unpark` that comes before the `park` ends it all the same: the park returns at once.
///
/// # Hint
/// The sleeper may be late: it has polled, and is on its way to sleep. What does the caller leave behind for it?
///
/// # Hint
/// A `bool` in a `Mutex`: `unpark` sets it and rings the condition variable. `park` looks first whether it is set.
#[test]
fn a_wake_before_the_park_is_not_lost() {
    check(|c| {
        c.apart(|steps| {
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
        })
        .explain(
            "a `park` that comes after the `unpark` returns at once",
            "between a poll and the sleep after it there is time for a wake. A bell that nobody hears yet is lost, \
             unless the one who rings it also leaves word",
            "what `unpark` changes that a later `park` can see",
        )
    });
}

/// A park with a time-out ends when its time is over, and sooner when somebody calls. It takes the call either way,
/// and several calls that nobody has taken are one.
///
/// # Hint
/// Whoever leaves the sleep clears the flag, whether or not there was a time-out.
///
/// # Hint
/// `Condvar::wait_timeout_while` sleeps while a condition holds, and not longer than it is told.
#[test]
fn a_time_out_ends_the_park_and_a_call_ends_it_sooner() {
    check(|c| {
        c.apart(|steps| {
            let parker = Parker::new();
            steps.now("`park_timeout` of 100 ms, without a call");
            let slept = timed(|| parker.park_timeout(Duration::from_millis(100)));
            if slept < Duration::from_millis(100) {
                steps.violated(format!("nobody called, and it returned after {slept:?} of 100 ms"));
            }
            steps.now("`park_timeout` of an hour, after two calls");
            parker.unpark();
            parker.unpark();
            parker.park_timeout(Duration::from_secs(3600));
            steps.now("`park_timeout` of 100 ms, after those calls were taken");
            let slept = timed(|| parker.park_timeout(Duration::from_millis(100)));
            if slept < Duration::from_millis(100) {
                steps.violated(format!("the calls were taken, and the next one returned after {slept:?} of 100 ms"));
            }
            Ok(())
        })
        .explain(
            "`park_timeout` sleeps for its time unless somebody has called since the last park, and takes the call",
            "a time-out that is ignored sleeps for ever; a call that is not taken ends the next park too, and a \
             thread that cannot sleep spins",
            "how your sleep ends when its time is over, and who clears what `unpark` has set",
        )
    });
}

/// The future is polled once at the start, and once for each wake. Never just in case.
///
/// # Hint
/// After `Pending` there is nothing to do but to sleep in your parker, without a time-out.
///
/// # Hint
/// `Poll::Pending => parker.park()`, in the loop around `poll`: that is all.
#[test]
fn polls_only_when_woken() {
    check(|c| {
        let expected = "one poll at the start, and one for each wake";
        let why = "between two wakes nothing has changed for the future. Who asks all the same makes each idle task \
                   cost something, and with many tasks nothing else gets done. Who does not ask after a wake sleeps for ever";
        let look = "what lies between `Pending` and the next `poll`, and what can end it";
        c.apart(|steps| {
            steps.now("`block_on` of a future that is woken three times by another thread");
            let (inner, wakers) = woken_from_outside(3);
            let (future, polls) = FutureProbe::new(steps, inner);
            let told = steps.clone();
            let caller = thread::spawn(move || {
                for (wakes, waker) in wakers.iter().enumerate() {
                    thread::sleep(QUIET);
                    let polls = polls.count();
                    if polls > wakes + 1 {
                        told.violated(format!(
                            "it was polled {polls} times, and woken {wakes} times"
                        ));
                    }
                    waker.wake();
                }
            });
            block_on(future);
            caller.join().expect("the caller only looks and calls");
            Ok(())
        })
        .explain(expected, why, look)?;
        let program = c.spawn(cargo_bin!(), &["100"])?;
        let status = program.ends().explain(expected, why, look)?;
        let lines = program.lines();
        let polls = lines
            .iter()
            .filter(|line| line.starts_with("poll "))
            .count();
        if !status.success() || polls != 3 {
            let saw = format!(
                "the program of one yield and one delay was polled {polls} times, {status}"
            );
            return Err(program.red(saw).explained(expected, why, look));
        }
        Ok(())
    });
}

/// While its future is pending, the thread sleeps in the kernel, and costs nothing.
///
/// # Hint
/// `loop { poll }` answers fastest of all, and takes a whole core for it. Who can tell you when it is worth asking?
///
/// # Hint
/// A condition variable's `wait` is a system call, `futex`: the thread is off the processor until it is woken.
#[test]
fn sleeps_between_wakes() {
    check(|c| {
        let waiting = c.start_apart(|steps| {
            steps.now("`block_on` of a future that nobody wakes");
            let mut kept: Option<Waker> = None;
            block_on(poll_fn(|cx| {
                kept = Some(cx.waker().clone());
                Poll::<()>::Pending
            }));
            steps.violated("`block_on` returned, although its future never was ready")
        })?;
        waiting
            .says("of the step", |line| line.contains("nobody wakes").then_some(()))
            .and_then(|()| waiting.idles_in(&[Call::Futex]))
            .explain(
                "between two wakes the thread of `block_on` is asleep, at no cost",
                "whoever turns in a loop, or sleeps a little and looks again, takes the processor from those who have \
                 something to do. The waker is there so that nobody has to look",
                "what your executor does after `Pending`, and what `park` does while nobody has called",
            )
    });
}

/// Whoever returns `Pending` has left a waker with somebody, or has called it already.
///
/// # Hint
/// `Pending` means: "I have seen to it that you will be called". Who will call, and with what?
///
/// # Hint
/// `YieldNow` calls `cx.waker().wake_by_ref()` itself. `Delay` leaves `cx.waker().clone()` where its thread finds it.
#[test]
fn pending_always_leaves_a_waker_behind() {
    check(|c| {
        c.apart(|steps| {
            let mut probe = WakerProbe::new();
            steps.now("`poll` of a YieldNow");
            let mut future = pin!(YieldNow::new());
            if probe.poll(future.as_mut())?.is_ready() {
                steps.violated("the first poll of a YieldNow was ready: it has let nobody else run");
            }
            probe.woken()?;
            if probe.poll(future)?.is_pending() {
                steps.violated("a YieldNow was pending twice");
            }
            steps.now("`poll` of a Delay of 100 ms");
            let mut probe = WakerProbe::new();
            let begun = Instant::now();
            let mut future = pin!(Delay::new(Duration::from_millis(100)));
            while probe.poll(future.as_mut())?.is_pending() {
                probe.woken()?;
            }
            let took = begun.elapsed();
            if took < Duration::from_millis(100) {
                steps.violated(format!("a Delay of 100 ms was ready after {took:?}"));
            }
            Ok(())
        })
        .explain(
            "after `Pending`, somebody holds a waker or has called it, and calls it when it is time to poll again",
            "`Pending` is a promise: \"you will be called\". The executor believes it and goes to sleep; a promise \
             without a waker is a task that sleeps for ever",
            "every place where your futures return `Pending`: who has a waker at that moment?",
        )
    });
}

/// When a future is polled again with another waker, that is the one to call: the task may have moved.
///
/// # Hint
/// The waker of the first poll says where the task was then. What says where it is now?
///
/// # Hint
/// Each poll that is pending replaces the waker that the thread will take: `shared.waker = Some(cx.waker().clone())`.
#[test]
fn the_latest_waker_is_the_one_called() {
    check(|c| {
        c.apart(|steps| {
            for millis in [300, 1_500] {
                steps.now("a Delay is polled, and once more with another waker");
                let mut probe = WakerProbe::new();
                let mut future = pin!(Delay::new(Duration::from_millis(millis)));
                if probe.poll(future.as_mut())?.is_pending() {
                    probe.move_task();
                    if probe.poll(future.as_mut())?.is_pending() {
                        return probe.woken();
                    }
                }
                // So slow is this machine just now that the time was over before: try a longer one.
            }
            Ok(())
        })
        .explain(
            "the waker of the latest poll is called, and no earlier one in its place",
            "a task can move between two polls: to another thread, or into a future that wraps it and has wakers of \
             its own. Calling where it used to be wakes nobody",
            "what a second poll of your Delay does with its waker",
        )
    });
}

/// What a wake announces is there when the wake comes: whoever polls at once finds the future ready.
///
/// # Hint
/// Which comes first in your thread: saying that the time has passed, or calling the waker?
///
/// # Hint
/// Lock, set the flag, take the waker out, unlock; then wake.
#[test]
fn a_wake_finds_the_future_ready() {
    check(|c| {
        c.apart(|steps| {
            steps.now("a Delay that is polled before the call of its waker has returned");
            let (woken, wakes) = mpsc::channel();
            let (polled, polls) = mpsc::channel::<()>();
            // Whoever wakes waits here until the answer is known; not for ever, for it may hold a lock.
            let polls = Mutex::new(polls);
            let mut probe = WakerProbe::answering(move || {
                let _ = woken.send(());
                let _ = polls.lock().map(|polls| polls.recv_timeout(Duration::from_millis(500)));
            });
            let mut future = pin!(Delay::new(Duration::from_millis(50)));
            if probe.poll(future.as_mut())?.is_pending() {
                probe.woken()?;
                let _ = wakes.recv();
                let answered = probe.poll(future.as_mut())?;
                let _ = polled.send(());
                if answered.is_pending() {
                    probe.woken_within(Duration::from_secs(2))?;
                }
            }
            Ok(())
        })
        .explain(
            "a future that is polled within the call of its waker is ready, or is called again later",
            "the call may be answered by a poll at once, on another core, before your thread has run one more line. \
             That poll finds only what was stored before the call, and there is no second call",
            "the order of two lines in your Delay's thread",
        )
    });
}

/// A waker may be called at any time and any number of times, also when its `block_on` has long returned.
///
/// # Hint
/// Whoever holds a waker cannot know whether anybody still needs it. What happens in your `unpark` then?
///
/// # Hint
/// The waker owns an `Arc` of the parker, so the parker is still there. A flag that is set already stays set.
#[test]
fn a_wake_after_completion_is_harmless() {
    check(|c| {
        c.apart(|steps| {
            steps.now("a waker that is called after `block_on` has returned");
            let (future, wakers) = woken_from_outside(1);
            let caller = thread::spawn(move || {
                let waker = wakers.recv().expect("the future is polled");
                waker.wake_by_ref();
                waker
            });
            block_on(future);
            let waker = caller.join().expect("the caller has called");
            for _ in 0..3 {
                waker.wake_by_ref();
            }
            let late = waker.clone();
            thread::spawn(move || late.wake()).join().expect("a late call");
            drop(waker);
            steps.now("another `block_on` after that");
            block_on(pending_once(()));
            Ok(())
        })
        .explain(
            "a waker can be called late, and often, and nothing comes of it",
            "who holds a waker is a stranger: a timer, a socket, another task. It learns of your task's end last, and \
             calls until then",
            "what your `unpark` takes for granted",
        )
    });
}

/// A sleeping thread can be woken by anybody who knows it. Only a call of the waker counts.
///
/// # Hint
/// `std::thread::park` returns when *anyone* unparks the thread, or for no reason at all. How do you know who it was?
///
/// # Hint
/// Sleep in your own parker, and there in a loop: after each return look whether the flag is set.
#[test]
fn a_foreign_unpark_is_not_a_wake() {
    check(|c| {
        c.apart(|steps| {
            steps.now("`block_on`, on a thread that others unpark");
            let (inner, wakers) = woken_from_outside(1);
            let (future, polls) = FutureProbe::new(steps, inner);
            let (sleeper, told) = (thread::current(), steps.clone());
            let caller = thread::spawn(move || {
                let waker = wakers.recv().expect("the future is polled");
                pester(&sleeper);
                let polls = polls.count();
                if polls > 1 {
                    told.violated(format!("it was polled {polls} times, and nobody had woken it"));
                }
                waker.wake();
            });
            block_on(future);
            caller.join().expect("the caller only looks and calls");
            steps.now("`park`, on a thread that others unpark");
            let parker = Arc::new(Parker::new());
            let called = Arc::new(AtomicBool::new(false));
            let (sleeper, caller, calls) = (thread::current(), Arc::clone(&parker), Arc::clone(&called));
            thread::spawn(move || {
                pester(&sleeper);
                calls.store(true, Ordering::SeqCst);
                caller.unpark();
            });
            parker.park();
            if !called.load(Ordering::SeqCst) {
                steps.violated("`park` returned, and nobody had called `unpark` of this parker");
            }
            Ok(())
        })
        .explain(
            "the end of a sleep that nobody has called for is no wake: the thread goes on sleeping",
            "every library on this thread may use `thread::park`, and its calls end each other's sleep. Condition \
             variables return for no reason at times, too. What counts is the flag, not the awakening; and the call that sets it must still come through",
            "what your executor believes when its sleep has ended",
        )
    });
}

/// In whatever order the steps of two threads come, no call is lost. Some two thousand orders are tried, on a model of
/// your parker.
///
/// # Hint
/// Read the story from its end: who sleeps, and which step has called it too early? Which two steps of the sleeper lie
/// on either side of that call?
///
/// # Hint
/// To look at the flag and to begin the sleep must be one step to everybody else: `Condvar::wait` takes the guard of
/// the lock that you looked under, and gives the lock up only when the thread sleeps.
#[test]
#[cfg_attr(not(feature = "model"), ignore = "takes a model: --features model")]
fn no_interleaving_loses_a_wake() {
    #[cfg(feature = "model")]
    check(|c| {
        c.apart(|steps| {
            stories::one_call(steps);
            stories::there_and_back(steps);
            stories::two_callers(steps);
            Ok(())
        })
        .explain(
            "in every order of steps, each `park` ends with a call, and no call is lost",
            "between looking whether somebody has called and going to sleep there is a gap, unless a lock covers both. \
             A call in that gap finds nobody asleep, and the sleeper has looked already. And a sleep that ends for no \
             reason is no call",
            "the lines that the story names, in its order; and whether everything shared comes from `super::sync`: what \
             `std::sync` itself provides, an atomic too, the model does not see",
        )
    });
}

fn timed(f: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    f();
    begun.elapsed()
}
