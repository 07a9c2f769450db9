//! What is left of a timer that was cancelled, and what its key means then.

use std::sync::Arc;
use std::task::Waker;

use grader::kernel::process::anonymous_bytes;
use grader::{Checked, Explain, Steps, WakerProbe, check, violation};
use rustix::process::getpid;
use time::Wheel;

use crate::by_hand::{HOUR, advance, same, timers, waits};

/// A timer that is cancelled leaves nothing behind: its value is handed out, nothing is due, its
/// memory is used again. A sleep that is dropped leaves nothing in the wheel, nor its waker.
///
/// # Hint
/// What does the wheel still have of it: a place in the `Vec`, a link in a list, a bit?
///
/// # Hint
/// When the last timer of a slot goes, the slot is not occupied any more. Otherwise `next_deadline`
/// sends a thread to look at nothing.
///
/// # Hint: a sleep
/// A future that loses a race is dropped, and nobody polls it again. Who cancels its timer then?
#[test]
fn cancel_leaves_nothing_behind() {
    check(|c| {
        c.isolated(nothing_is_left).explain(
            "a cancelled timer is out of the wheel: its value is the caller's, and nothing is due for it",
            "most timers are time-outs, and hardly one of them ever fires. What stays behind of each is looked at again later, \
             or never given back",
            "all places where a timer is known: its list, its slot's bit, its place in the `Vec`",
        )?;
        c.isolated(nothing_is_hoarded).explain(
            "the place of a cancelled timer is used by another",
            "a server sets and cancels a time-out for each message. If each takes a place of its own, the memory grows with \
             the messages, and not with the timers that are set",
            "what becomes of a place in the `Vec` when its timer has gone",
        )?;
        c.isolated(a_dropped_sleep_is_gone).explain(
            "a sleep that is dropped has no timer any more, and its waker is gone",
            "the loser of a race is dropped, not told. Its timer would stand in the wheel until its hour has come, keep the \
             waker of a task that has ended, and wake a thread for it",
            "what happens when a `Sleep` is dropped before its time",
        )
    });
}

fn nothing_is_left(steps: &Steps) -> Checked {
    let value = Arc::new(());
    for cancel_first in [true, false] {
        steps.now("a thousand timers of all distances, all cancelled");
        let mut wheel = Wheel::new();
        let mut keys: Vec<_> = (0..1_000_u64)
            .map(|n| wheel.insert(n * n * n * (n % 7) / 3, Arc::clone(&value)))
            .collect();
        if cancel_first {
            keys.reverse();
        }
        // Also from the middle of their lists.
        let (even, odd): (Vec<_>, Vec<_>) = keys.iter().enumerate().partition(|(n, _)| n % 2 == 0);
        for (_, key) in even.into_iter().chain(odd) {
            same(
                "whether `get_mut` finds it",
                wheel.get_mut(*key).is_some(),
                true,
            )?;
            same(
                "whether `cancel` hands it out",
                wheel.cancel(*key).is_some(),
                true,
            )?;
            same(
                "whether it does so twice",
                wheel.cancel(*key).is_some(),
                false,
            )?;
        }
        same("values that are left", Arc::strong_count(&value) - 1, 0)?;
        same(
            "`next_deadline` when all are cancelled",
            wheel.next_deadline(),
            None,
        )?;
        same("how many are due", advance(&mut wheel, 1 << 40).len(), 0)?;
    }
    Ok(())
}

fn nothing_is_hoarded(steps: &Steps) -> Checked {
    steps.now("timers that are set and cancelled, one after the other");
    let mut wheel = Wheel::new();
    let mut set_and_cancel = |times: u64| {
        for n in 0..times {
            let key = wheel.insert(wheel.now() + 30_000 + n % 5_000, [n; 8]);
            wheel.cancel(key);
        }
        anonymous_bytes(getpid())
    };
    let before = set_and_cancel(5_000);
    let after = set_and_cancel(300_000);
    let grown = after.saturating_sub(before);
    if grown > 8 << 20 {
        let kib = grown / 1024;
        return Err(violation(format!(
            "300 000 timers were set and cancelled, one at a time, and memory has grown by {kib} KiB"
        )));
    }
    Ok(())
}

fn a_dropped_sleep_is_gone(steps: &Steps) -> Checked {
    let (timers, _bell) = timers();
    let mut probe = WakerProbe::new();
    for polls in [1, 3] {
        steps.now(&format!(
            "a sleep of an hour, polled {polls} times and dropped"
        ));
        let mut sleep = timers.sleep(HOUR);
        for _ in 0..polls {
            waits("a sleep of an hour", &mut sleep, &probe.waker())?;
            probe.move_task();
        }
        waits("a sleep of an hour", &mut sleep, &probe.waker())?;
        drop(sleep);
        let held = probe.held() + probe.stale_held();
        same("wakers that are still held after the drop", held, 0)?;
        same("what `fire` returns after the drop", timers.fire(), None)?;
    }
    steps.now("a sleep that was never polled");
    drop(timers.sleep(HOUR));
    same("what `fire` returns after its drop", timers.fire(), None)?;
    let mut sleep = timers.sleep(HOUR);
    waits("a sleep of an hour", &mut sleep, Waker::noop())?;
    same(
        "whether a timer is set by then",
        timers.fire().is_some(),
        true,
    )
}

/// A key means one timer. When that was due or was cancelled, its key means nothing, also when its
/// place in the memory has been given to another.
///
/// # Hint
/// A place is used again. How does an old key differ from the new one's?
///
/// # Hint
/// A generation for each place, as with the tokens of lesson 09: it is in the key, and moves on
/// when the place is given back.
#[test]
fn a_key_means_one_timer() {
    check(|c| {
        c.isolated(old_keys_mean_nothing).explain(
            "the key of a timer that has gone finds nothing, and cancels nothing",
            "a sleep that has fired still has its key, and cancels it when it is dropped. If the place has been given to another \
             sleep by then, that one is cancelled in its stead, and never wakes",
            "how you tell whether the timer at that place is the one that the key was made for",
        )
    });
}

fn old_keys_mean_nothing(steps: &Steps) -> Checked {
    let mut wheel = Wheel::new();
    for fires in [true, false] {
        steps.now("the key of a timer that has gone, and a timer that was set after it");
        let at_ms = wheel.now() + 1;
        let old = wheel.insert(at_ms, 1);
        if fires {
            same("what is due", advance(&mut wheel, at_ms), vec![1])?;
        } else {
            same("what is cancelled", wheel.cancel(old), Some(1))?;
        }
        same(
            "`get_mut` of the old key",
            wheel.get_mut(old).copied(),
            None,
        )?;
        let new = wheel.insert(at_ms + 1, 2);
        same("whether the two keys are the same", old == new, false)?;
        same(
            "`get_mut` of the old key",
            wheel.get_mut(old).copied(),
            None,
        )?;
        same("`cancel` of the old key", wheel.cancel(old), None)?;
        same("`cancel` of the new one", wheel.cancel(new), Some(2))?;
    }
    Ok(())
}
