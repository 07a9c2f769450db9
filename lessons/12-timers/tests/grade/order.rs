//! When timers are due, and in which order.

use fastrand::Rng;
use grader::{Checked, Explain, Explanation, Steps, check, violation};
use time::Wheel;

use crate::by_hand::{advance, same, until_due};
use crate::oracle::Oracle;

/// A hundred thousand random operations are told to the wheel and to a sorted map, with spans from
/// a millisecond to beyond the wheel's two years. Both agree after each of them.
///
/// # Hint
/// The shortest story comes first: it stands under *saw*. Take a sheet of paper, write the time in
/// base 64, and go through the story with it. In which slot is the timer after each line?
///
/// # Hint
/// A timer that is moved stands in another list. Who knows its neighbours, and what becomes of
/// those when it is taken out of the middle?
#[test]
fn fires_in_deadline_order() {
    check(|c| {
        let seed = c.any_below(usize::MAX) as u64;
        // The short ones first: where one of them hangs, that is seen at once.
        let agree = c.isolated(|steps| agrees_with_a_map(steps, seed, &SHORT));
        let agree =
            agree.and_then(|()| c.isolated_for_long(|steps| agrees_with_a_map(steps, seed, &LONG)));
        agree.explain_by(|failure| {
            if failure.saw.contains(ENDLESS) {
                GOES_ROUND
            } else {
                HAS_FORGOTTEN
            }
        })
    });
}

const HAS_FORGOTTEN: Explanation = Explanation {
    expected: "whatever is set, cancelled and advanced: the wheel hands out the same timers as a sorted map, in the order of \
               their deadlines",
    why: "a wheel is a sorted map that has forgotten most of the order, and remembers just enough to find it again in time. In \
          this story it has forgotten more than that, or a list has lost a member",
    look: "in which slot, and in which list, the timer of this story stands after each operation",
};

/// The kit's words for steps that hang.
const ENDLESS: &str = "does not come to an end";
const GOES_ROUND: Explanation = Explanation {
    expected: HAS_FORGOTTEN.expected,
    why: "an advance goes from slot to slot, and each step has to bring it closer to its end. A slot that is emptied into itself, \
          or a search that finds the same slot again, goes on for ever; so it is where a list has lost a member and has \
          become a ring",
    look: "what is different in your wheel after one step of `advance`: now, the slots that are occupied, or nothing",
};

/// How many operations a story has, and how many such stories there are.
const SHORT: [(usize, usize); 2] = [(10, 500), (100, 50)];
const LONG: [(usize, usize); 2] = [(1_000, 50), (20_000, 2)];

/// Stories of so many operations, and so many of each.
fn agrees_with_a_map(steps: &Steps, seed: u64, stories: &[(usize, usize)]) -> Checked {
    let mut random = Rng::with_seed(seed);
    steps.note(&format!("the operations were chosen by the seed {seed}"));
    for (operations, times) in stories {
        steps.now(&format!("stories of {operations} random operations"));
        for _ in 0..*times {
            Oracle::agrees(*operations, &mut random)?;
        }
    }
    Ok(())
}

/// A deadline that is now, or has passed, is due with the next advance, even if that goes nowhere.
/// Time does not go back.
///
/// # Hint
/// What is the difference between such a deadline and now? And its highest digit?
///
/// # Hint
/// Treat it as now: then it stands in the slot of now. Does your advance look into that slot before
/// it goes on?
#[test]
fn zero_and_past_deadlines_fire_at_the_next_advance() {
    check(|c| {
        c.isolated(fires_what_has_passed).explain(
            "a timer whose time has come, or has passed, is due with the next `advance`, and `next_deadline` is now",
            "a sleep of no time at all is the commonest one, and a deadline may pass while somebody is on the way to set it. \
             A wheel that only looks ahead of now finds such a timer when it has come round once, or never",
            "where a deadline goes that is not after now, and from where your search begins",
        )
    });
}

fn fires_what_has_passed(steps: &Steps) -> Checked {
    for start in [0, 1, 63, 64, 1_000_000, (1 << 36) + 5] {
        steps.now(&format!("timers at time {start} that are due or overdue"));
        let mut wheel = Wheel::new();
        let _ = advance(&mut wheel, start);
        for at_ms in [start, 0, start / 2] {
            wheel.insert(at_ms, at_ms);
            let what = format!("`next_deadline` at {start}, with a timer for {at_ms}");
            same(&what, wheel.next_deadline(), Some(start))?;
            let what = format!("what is due at {start}, with a timer for {at_ms}");
            same(&what, advance(&mut wheel, start), vec![at_ms])?;
        }
        steps.now("an advance to a time that has passed");
        wheel.insert(start, 7);
        same("what is due there", advance(&mut wheel, start / 2), vec![7])?;
        same("`now` after that", wheel.now(), start)?;
        same(
            "`next_deadline` of an empty wheel",
            wheel.next_deadline(),
            None,
        )?;
    }
    Ok(())
}

/// `next_deadline` is never later than the next deadline, never earlier than now, and leads there
/// in few steps: a thread that sleeps until then, again and again, fires each timer in its
/// millisecond.
///
/// # Hint
/// Of which ring do you return a time, and is anything in a lower one?
///
/// # Hint
/// Where a slot of a higher ring begins, its timers have to move down: that is a time to get up
/// for, although nobody may be due.
#[test]
fn next_deadline_is_never_late() {
    check(|c| {
        let seed = c.any_below(usize::MAX) as u64;
        c.isolated(|steps| is_there_in_time(steps, seed)).explain(
            "going from `next_deadline` to `next_deadline` fires each timer in its own millisecond, after at most one step for \
             each ring",
            "a thread sleeps until then and no shorter. A time that is too late makes a timer late by just that much; one that \
             is too early, again and again, is a busy loop",
            "what you return when the lowest ring is empty: when that slot begins, or when it ends",
        )
    });
}

fn is_there_in_time(steps: &Steps, seed: u64) -> Checked {
    let mut random = Rng::with_seed(seed);
    steps.now("timers that are fired by going where `next_deadline` says");
    for _ in 0..3_000 {
        let bits = [random.u32(..37), random.u32(..35)];
        let start = random.u64(..1 << bits[0]);
        let at_ms = start + random.u64(1..=1 << bits[1]);
        let mut wheel = Wheel::new();
        let _ = advance(&mut wheel, start);
        let key = wheel.insert(at_ms, at_ms);
        let _far = wheel.insert(at_ms + (1 << 35), 0);
        let (fired, _, looks) = until_due(&mut wheel)?;
        if fired != at_ms || wheel.cancel(key).is_some() {
            return Err(violation(format!(
                "a timer that was set at {start} for {at_ms} was due at {fired}"
            )));
        }
        if looks > 8 {
            return Err(violation(format!(
                "a timer that was set at {start} for {at_ms} took {looks} steps of `next_deadline`"
            )));
        }
    }
    Ok(())
}
