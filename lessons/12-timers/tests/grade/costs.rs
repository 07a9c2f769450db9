//! What timers cost: while nothing is due, and when there are many of them.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use fastrand::Rng;
use grader::kernel::threads::Call;
use grader::{Cause, Checked, Explain, FutureProbe, Steps, check, violation};
use rustix::thread::gettid;
use time::{Wheel, block_on};

use crate::by_hand::{MS, processor_time};

/// While nothing is due, the thread is asleep: it polls for wakes, wakes for deadlines, and for
/// nothing else. Without a timer it sleeps without a time-out.
///
/// # Hint
/// How long may the thread sleep, and who has just told you?
///
/// # Hint
/// `fire` returns the time until the next deadline: that is the time-out of the park. `None` is a
/// park without one.
///
/// # Hint: it was polled
/// The end of a sleep is no wake of the future. Which flag says that it was woken?
#[test]
fn sleeping_costs_nothing() {
    check(|c| {
        c.isolated(sleeps_in_one_go).explain(
            "one sleep of 400 ms is two polls, and a thread that wakes a few times at the most",
            "a thread that looks at the clock each millisecond is up a thousand times a second for nothing, and a future that is \
             polled for it asks all that it waits for each time. The next deadline is known: sleep until then",
            "how long you park, and what you look at before you poll again",
        )?;
        let waiting = c.start_isolated(|steps| {
            steps.now("`block_on` of a future that nobody wakes, without a timer");
            block_on(|_| pending::<()>());
            steps.violated("`block_on` returned, although its future was never ready")
        })?;
        let begun = waiting.says("of the step", |line| {
            line.contains("nobody wakes").then_some(())
        });
        let idle = begun.and_then(|()| waiting.idles_in(&[Call::Futex]));
        let timed = idle.explain_when(
            Cause::TimeOut,
            "no timer is set, so nothing is due, now or in an hour. A thread that gets up all the same finds nothing, each time",
            "how long your `block_on` parks when `fire` has returned `None`",
        );
        timed.explain(
            "without a timer the thread sleeps, at no cost",
            "a loop around `fire` burns a core to learn that nothing is due",
            "what your `block_on` does when the future is pending and no timer is set",
        )
    });
}

/// How often this thread has gone to sleep so far.
fn sleeps(steps: &Steps) -> Checked<u64> {
    let here = gettid().as_raw_nonzero().get();
    let threads = steps.threads()?;
    let thread = threads.iter().find(|thread| thread.id == here);
    Ok(thread.map_or(0, |thread| thread.sleeps))
}

fn sleeps_in_one_go(steps: &Steps) -> Checked {
    steps.now("`block_on` of a sleep of 400 ms");
    let before = sleeps(steps)?;
    let mut record = None;
    block_on(|timers| {
        let (future, polls) = FutureProbe::new(steps, timers.sleep(MS * 400));
        record = Some(polls);
        future
    });
    let polls = record.expect("it was made").count();
    let slept = sleeps(steps)? - before;
    if polls > 2 {
        return Err(violation(format!(
            "it was polled {polls} times for one sleep: once to begin and once to end are enough"
        )));
    }
    if slept > 20 {
        return Err(violation(format!(
            "one sleep of 400 ms, and the thread went to sleep {slept} times"
        )));
    }
    Ok(())
}

/// To set a timer and to cancel it takes as long with a million timers set as with a thousand: at
/// most fifty times as much, the best of five, since a larger memory is a slower one.
///
/// # Hint
/// What does your insert go through, and how long is that when a million are set?
///
/// # Hint
/// The slot follows from the deadline by a few shifts. In its list a timer goes to the front, and
/// an index in both directions takes it out of the middle without a search.
#[test]
fn insert_and_cancel_stay_flat_as_timers_grow() {
    check(|c| {
        let seed = c.any_below(usize::MAX) as u64;
        c.isolated_for_long(|steps| stays_flat(steps, seed)).explain(
            "with 2^20 timers set, an insert and a cancel cost at most 50 times what they cost with 2^10",
            "a list that is searched, or kept in order by shifting its members, is a thousand times as long then. Each message \
             of a server sets and cancels a time-out, and each would pay for all connections there are",
            "what an insert, and a cancel, goes through one by one",
        )
    });
}

fn stays_flat(steps: &Steps, seed: u64) -> Checked {
    let mut random = Rng::with_seed(seed);
    let few = cost_with(steps, 10, None, &mut random)?;
    let limit = few * 50;
    let many = cost_with(steps, 20, Some(limit), &mut random)?;
    steps.note(&format!(
        "an insert and a cancel took {few:?} of processor time with 2^10 timers set, {many:?} with 2^20"
    ));
    if many > limit {
        return Err(violation(format!(
            "an insert and a cancel took {few:?} of processor time with 2^10 timers set, and {many:?} with 2^20"
        )));
    }
    Ok(())
}

/// What an insert and a cancel cost, the best of five, with so many timers set. Gives up when the
/// inserts before that cost more than the limit.
fn cost_with(
    steps: &Steps,
    bits: u32,
    limit: Option<Duration>,
    random: &mut Rng,
) -> Checked<Duration> {
    const OPERATIONS: u32 = 2_000;
    steps.now(&format!("2^{bits} timers, and then an insert and a cancel"));
    let mut wheel = Wheel::new();
    let count = 1_u32 << bits;
    let mut begun = processor_time();
    let mut is_dear = false;
    for number in 1..=count {
        wheel.insert(random.u64(..1 << 30), 0);
        if number % 1_024 == 0 {
            let each = (processor_time() - begun) / 1_024;
            let was_dear = std::mem::replace(&mut is_dear, limit.is_some_and(|limit| each > limit));
            // One batch may have moved the whole memory; two have not.
            if was_dear && is_dear {
                return Err(violation(format!(
                    "an insert took {each:?} of processor time with {number} timers set"
                )));
            }
            begun = processor_time();
        }
    }
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let deadlines: Vec<u64> = (0..OPERATIONS).map(|_| random.u64(..1 << 30)).collect();
        let begun = processor_time();
        for at_ms in deadlines {
            let key = wheel.insert(at_ms, 1);
            wheel.cancel(key);
        }
        best = best.min((processor_time() - begun) / OPERATIONS);
    }
    Ok(best)
}

/// `block_on` runs every future, also one that must not move, and one that wakes itself.
///
/// # Hint
/// Which futures does your signature accept, and what do you pin?
///
/// # Hint
/// `pin!(make(&timers))`, once, before the loop.
#[test]
fn block_on_runs_every_future() {
    check(|c| {
        c.isolated(runs_what_is_given).explain(
            "`block_on` returns what its future is ready with: also one that borrows from itself, or wakes itself while it is \
             polled, and whose timers are due meanwhile",
            "a wake may come during the poll, before the thread sleeps; a timer may be due while the future keeps its thread \
             busy. Each has to be found by the next round of the loop",
            "what your loop looks at, and in which order, before it parks",
        )
    });
}

fn runs_what_is_given(steps: &Steps) -> Checked {
    steps.now("`block_on` of an async block with two sleeps and a borrow");
    let value = block_on(|timers| {
        let timers = timers.clone();
        async move {
            let text = String::from("fish");
            let word = &text[1..];
            timers.sleep(MS).await;
            timers.sleep(Duration::ZERO).await;
            word.len()
        }
    });
    if value != 3 {
        return Err(violation(format!("it returned {value}")));
    }
    steps.now("`block_on` of a future that wakes itself in its first poll, without a timer");
    let mut is_polled = false;
    block_on(|_| {
        poll_fn(|cx| {
            if std::mem::replace(&mut is_polled, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    });
    steps.now(
        "`block_on` of a future that wakes itself in each poll, until a sleep beside it is over",
    );
    block_on(|timers| {
        let mut sleep = timers.sleep(MS * 20);
        poll_fn(move |cx| {
            cx.waker().wake_by_ref();
            Pin::new(&mut sleep).poll(cx)
        })
    });
    Ok(())
}
