//! What `block_on` does with futures that show when they are polled, and with wakers that are kept.

use std::future::{self, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use futures_by_hand::{Parker, block_on};
use grader::{Checked, Explain, Explanation, Failure, FutureProbe, Program, Steps};

use super::strangers::{QUIET, pending_once, pester, pester_until, woken_from_outside};

const READY: Explanation = Explanation {
    expected: "`block_on` returns what its future is ready with, and polls it no more",
    why: "`Ready` hands the value over. A future that was ready has nothing left; what it does when it is polled again is \
          nobody's promise",
    look: "what your loop does with what `poll` returned, and how often it calls `poll` for that",
};

const ONE_POLL_A_WAKE: Explanation = Explanation {
    expected: "one poll at the start, and one for each wake",
    why: "between two wakes nothing has changed for the future. An executor that asks all the same makes each idle \
          task cost something, and with many tasks nothing else gets done",
    look: "what lies between `Pending` and the next `poll`, and what can end it",
};

const NOT_FOR_US: Explanation = Explanation {
    expected: "the end of a sleep that nobody has called for is no wake: the thread goes on sleeping",
    why: "every library on this thread may use `thread::park`, and its calls end each other's sleep. Condition variables \
          return for no reason at times, too. What counts is the flag, not the awakening",
    look: "what your executor, and your `park`, believe when their sleep has ended",
};

const NOT_ANEW: Explanation = Explanation {
    expected: "`park_timeout` sleeps for its time, and returns `false`, whoever ends its sleep meanwhile without a call",
    why: "a sleep that ends for no reason has used up a part of the time. One that begins anew with the whole of it never \
          comes to its end where others end it often enough, and one that takes its end for a call, or for the end of \
          the time, is too early",
    look: "how long you sleep when you go back to sleep, and what you return",
};

/// Where a sleep with a time-out is ended again and again.
const PESTERED: &str = "`park_timeout` of 200 ms, on a thread that others unpark";

/// Where a future is that is called once, by another thread.
const ONE_CALL: &str = "`block_on` of a future that another thread wakes, once";

/// A future that is ready at once, and one that is ready at the second poll.
pub(super) fn returns_the_value(steps: &Steps, value: Vec<u8>) -> Checked {
    let value = Rc::new(value);
    steps.now("`block_on` of a future that is ready at once");
    let (future, polls) = FutureProbe::with_moral(steps, READY, future::ready(Rc::clone(&value)));
    let mut got = block_on(future);
    if polls.count() == 1 && got == value {
        steps.now("`block_on` of a future that is pending once, and wakes its task at once");
        let (future, _) = FutureProbe::with_moral(steps, READY, pending_once(Rc::clone(&value)));
        got = block_on(future);
    }
    if got != value {
        steps.violated_so(format!("it returned {got:?} and not {value:?}"), READY);
    }
    Ok(())
}

/// A future that another thread wakes, three times, each time after a while in which
/// there is nothing to ask.
pub(super) fn is_woken_three_times(steps: &Steps) -> Checked {
    steps.now("`block_on` of a future that is woken three times by another thread");
    let (inner, wakers) = woken_from_outside(3);
    let (future, polls) = FutureProbe::new(steps, inner);
    let told = steps.clone();
    let caller = thread::spawn(move || {
        for (wakes, waker) in wakers.iter().enumerate() {
            thread::sleep(QUIET);
            let polls = polls.count();
            if polls > wakes + 1 {
                let saw = format!("it was polled {polls} times, and woken {wakes} times");
                told.violated_so(saw, ONE_POLL_A_WAKE);
            }
            waker.wake();
        }
    });
    block_on(future);
    caller.join().expect("the caller only looks and calls");
    Ok(())
}

/// The program of one yield and one delay, which tells of its polls; `start` starts it, with
/// the delay's milliseconds.
pub(super) fn polls_the_program_three_times(
    mut start: impl FnMut(&str) -> Checked<Program>,
) -> Checked {
    let expected = "the program of one yield and one delay is polled three times, and ends";
    let few = "each of the two is pending once, so there are three polls. A future that is ready in its first poll has \
               given way to nobody, or has waited there: a poll that does the waiting itself stops the whole thread, \
               and whatever else lives on it";
    let many = "the executor polls once for each wake, so too many polls are too many wakes: a yield needs one, and so \
                does a delay, when its time is over";
    for millis in ["100", "1500"] {
        let program = start(millis)?;
        let status = program.ends().explain(
            expected,
            "somewhere between the yield and the end of the delay nobody was called, or nobody looked",
            "the last line that it has printed: which of its futures was pending then?",
        )?;
        let lines = program.lines();
        let polls = lines.iter().filter(|line| line.starts_with("poll "));
        let polls = polls.count();
        let (why, look) = match polls {
            3 if status.success() => return Ok(()),
            // On a slow machine a short delay can be over before its first poll has looked.
            2 if status.success() && millis == "100" => continue,
            ..3 => (
                few,
                "what each of your futures does in its first poll, and on which thread",
            ),
            _ => (
                many,
                "how often your futures call a waker, and whether `main.rs` is as it was given",
            ),
        };
        let saw = format!("it was polled {polls} times, {status}");
        return Err(program.red(saw).explain(expected, why, look));
    }
    Ok(())
}

/// A future that keeps its waker and is never ready. Never ends.
pub(super) fn is_never_woken(steps: &Steps) -> Checked {
    steps.now("`block_on` of a future that nobody wakes");
    let mut kept: Option<Waker> = None;
    block_on(poll_fn(|cx| {
        kept = Some(cx.waker().clone());
        Poll::<()>::Pending
    }));
    steps.violated("`block_on` returned, although its future was never ready")
}

/// Of the threads that rest there, none has a time-out.
pub(super) fn sleeps_for_good(waiting: &Program) -> Checked {
    waiting.sleeps_without_a_time_out().explain(
        "while nobody calls, the thread sleeps until somebody does, and not until some time has passed",
        "a sleep that ends by itself, in case a call was missed, hides that calls are missed, and makes each of them a \
         second late. And every idle task of the program gets up to find out that there is nothing",
        "with which of the parker's two parks your executor sleeps, and for how long",
    )
}

/// A waker that outlives its `block_on`.
pub(super) fn is_woken_late(steps: &Steps) -> Checked {
    steps.now(ONE_CALL);
    let (future, wakers) = woken_from_outside(1);
    let caller = thread::spawn(move || {
        let waker = wakers.recv().expect("the future is polled");
        waker.wake_by_ref();
        waker
    });
    block_on(future);
    let waker = caller.join().expect("the caller has called");
    steps.now("a waker that is called after `block_on` has returned");
    for _ in 0..3 {
        waker.wake_by_ref();
    }
    let late = waker.clone();
    let late = thread::spawn(move || late.wake());
    late.join().expect("a late call");
    drop(waker);
    steps.now("another `block_on` after that");
    block_on(pending_once(()));
    Ok(())
}

/// What is to be said of that, by how far it got.
pub(super) fn late(failure: &Failure) -> Explanation {
    if failure.saw.contains(ONE_CALL) {
        return Explanation {
            expected: "`block_on` of a future that is called once, by another thread, comes to its end",
            why: "the call may come as soon as the waker is handed out, while the poll still runs: the sleep after that \
                  poll must not begin",
            look: "what `unpark` leaves behind when nobody sleeps yet, and where `park` looks for it",
        };
    }
    Explanation {
        expected: "a waker can be called late, and often, and nothing comes of it",
        why: "whoever holds a waker is a stranger: a timer, a socket, another task. It learns of your task's end last, \
              and calls until then",
        look: "what your `unpark` takes for granted",
    }
}

/// `block_on` and `park` on a thread that others unpark.
pub(super) fn is_pestered(steps: &Steps) -> Checked {
    steps.now("`block_on`, on a thread that others unpark");
    let (inner, wakers) = woken_from_outside(1);
    let (future, polls) = FutureProbe::new(steps, inner);
    let (sleeper, told) = (thread::current(), steps.clone());
    let caller = thread::spawn(move || {
        let waker = wakers.recv().expect("the future is polled");
        pester(&sleeper);
        let polls = polls.count();
        if polls > 1 {
            let saw = format!("it was polled {polls} times, and nobody had woken it");
            told.violated_so(saw, NOT_FOR_US);
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
        steps.violated_so(
            "`park` returned, and nobody had called `unpark` of this parker",
            NOT_FOR_US,
        );
    }
    steps.now(PESTERED);
    let time = Duration::from_millis(200);
    let (sleeper, over) = (thread::current(), Arc::new(AtomicBool::new(false)));
    let pesters = thread::spawn({
        let over = Arc::clone(&over);
        move || pester_until(&sleeper, || over.load(Ordering::SeqCst))
    });
    let begun = Instant::now();
    let called = parker.park_timeout(time);
    let slept = begun.elapsed();
    over.store(true, Ordering::SeqCst);
    pesters.join().expect("it only unparks");
    if called || slept < time {
        let saw = format!("nobody called, and it returned `{called}` after {slept:?} of {time:?}");
        steps.violated_so(saw, NOT_ANEW);
    }
    Ok(())
}

/// What is to be said of steps in which others end the sleep, and which do not end.
pub(super) fn pestered(failure: &Failure) -> Explanation {
    if failure.saw.contains(PESTERED) {
        return NOT_ANEW;
    }
    Explanation {
        expected: "the end of a sleep that nobody has called for is no wake, and the call that comes after it is one",
        why: "what woke the thread was not for you, and the thread goes back to sleep. The call that is for you must still \
              find it: that call sets what you look at, and then ends the sleep",
        look: "what your executor looks at when its sleep has ended, and who sets that",
    }
}

/// A future that is woken while it is being polled, and whose poll then runs another `block_on`,
/// which is woken too.
pub(super) fn is_nested(steps: &Steps) -> Checked {
    steps.now("`block_on` of a future that was woken, and whose poll then ran another `block_on`");
    let mut polls = 0;
    block_on(poll_fn(|cx| {
        polls += 1;
        if polls > 1 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        block_on(pending_once(()));
        Poll::Pending
    }));
    Ok(())
}
