//! The rings of the wheel: far timers, near ones, and how the ones become the others.

use std::time::Duration;

use grader::{Checked, Explain, Steps, check, violation};
use time::Wheel;

use crate::by_hand::{advance, processor_time, same, until_due};

/// A far timer never hides a near one, wherever both stand, and wherever now is.
///
/// # Hint
/// The far one is a whole turn ahead, or several. Which slot is that, seen from now?
///
/// # Hint
/// Above the lowest ring, the slot of now has begun already, and what belonged to it was moved down
/// then. So what stands there is for the next turn: begin the search one slot further on.
#[test]
fn a_far_timer_never_hides_a_near_one() {
    check(|c| {
        c.isolated(near_ones_come_first).explain(
            "with a far timer set, a near one is due in its millisecond",
            "a timer that is a whole turn ahead stands in the very slot in which now is. A search that begins there finds it \
             first, and takes a time that is far away, or has passed, for the next",
            "at which slot the search for the next one begins, in the lowest ring and in the others",
        )
    });
}

fn near_ones_come_first(steps: &Steps) -> Checked {
    for bits in (6..=42).step_by(6) {
        for offset in [0, 1, 63, (1 << bits) - 1] {
            let start = (1 << 30) + offset;
            for beyond in [0, 1, 63, 1 << 20] {
                let far = start + (1 << bits) + beyond;
                let near = start + 300;
                if far <= near {
                    continue;
                }
                steps.now(&format!(
                    "at {start}, a timer for {far}, then one for {near}"
                ));
                let mut wheel = Wheel::new();
                let _ = advance(&mut wheel, start);
                wheel.insert(far, far);
                wheel.insert(near, near);
                let (fired, due, _) = until_due(&mut wheel)?;
                let what = format!("the first that is due, with timers for {far} and {near}");
                same(&what, (fired, due), (near, vec![near]))?;
            }
        }
    }
    Ok(())
}

/// Timers of every ring move down from ring to ring, none is lost on the way, and each is due in
/// its millisecond: however time goes on.
///
/// # Hint
/// When a slot of a higher ring begins, which of its timers do you move? Follow the second one.
///
/// # Hint
/// A timer that is moved gets new neighbours. Whom do you go to next, the neighbour that it had or
/// the one that it has?
///
/// # Hint
/// One advance may pass many slots. What is now when a slot's timers are put into a lower ring: the
/// time that you were told, or the time at which the slot began?
#[test]
fn cascades_across_levels() {
    check(|c| {
        c.isolated(every_ring_is_emptied).explain(
            "each timer of every ring is due in its millisecond, and none is lost on its way down",
            "when its slot begins, everything in it has to move, and where it goes depends on the time at which that happens. \
             One that is left behind is found again a turn later, or never; one that is moved by another clock stands in a \
             slot that has passed",
            "the loop that empties a slot: where it goes on when it has moved a timer, and what now is meanwhile",
        )
    });
}

fn every_ring_is_emptied(steps: &Steps) -> Checked {
    for start in [0, 1, 77, 4_095, (1 << 24) - 3, (1 << 36) - 9] {
        // Several in each slot, and some at each border.
        let mut deadlines: Vec<u64> = (0..6_u64)
            .flat_map(|ring| [1, 2, 3, 40, 63].map(|slots| slots << (6 * ring)))
            .flat_map(|span| [span, span + 1, span + 2, span + span / 64])
            .map(|span| start + span)
            .collect();
        deadlines.sort_unstable();
        for (how, stride) in [
            ("from deadline to deadline", 0),
            ("in steps of 2^29", 1 << 29),
        ] {
            steps.now(&format!("timers of every ring, set at {start}, {how}"));
            let mut wheel = Wheel::new();
            let _ = advance(&mut wheel, start);
            for at_ms in &deadlines {
                wheel.insert(*at_ms, *at_ms);
            }
            let mut fired = Vec::new();
            while wheel.now() < start + (1 << 36) {
                let from = wheel.now();
                let next = match stride {
                    0 => wheel.next_deadline().unwrap_or(u64::MAX),
                    _ => from + stride,
                };
                let due = advance(&mut wheel, next);
                if let Some(wrong) = due.iter().find(|at| **at > next || **at < from) {
                    return Err(violation(format!(
                        "a timer that was set at {start} for {wrong} was due between {from} and {next}"
                    )));
                }
                fired.extend(due);
            }
            let lost = deadlines.iter().find(|at_ms| !fired.contains(at_ms));
            if let Some(lost) = lost {
                return Err(violation(format!(
                    "a timer that was set at {start} for {lost} was never due"
                )));
            }
            same("the order in which they were due", &fired, &deadlines)?;
        }
    }
    Ok(())
}

/// A deadline that is further away than the wheel is round is due in its millisecond, too.
///
/// # Hint
/// For 2^36 milliseconds and more there is no ring. Where could such a timer wait, and who looks at
/// it there?
///
/// # Hint
/// In the highest ring, in the slot of its digit. When that slot begins it may still be turns away:
/// then it is put back where it was.
#[test]
fn deadlines_beyond_the_wheel_still_fire() {
    check(|c| {
        c.isolated(the_farthest_come_too).explain(
            "a timer for 2^36 ms and more from now is due in its millisecond, and not before",
            "the rings end somewhere, and deadlines do not. A timer that is cut down to the last slot is due years too early, \
             and one that is put nowhere never comes",
            "where a deadline goes for which there is no ring, and what happens when its slot begins",
        )
    });
}

fn the_farthest_come_too(steps: &Steps) -> Checked {
    for start in [0, 999, (1 << 36) - 1] {
        for span in [(1 << 36) - 1, 1 << 36, (1 << 36) + 77, (1 << 40) + 12_345] {
            let at_ms = start + span;
            steps.now(&format!("a timer at {start} for {at_ms}"));
            let mut wheel = Wheel::new();
            let _ = advance(&mut wheel, start);
            wheel.insert(at_ms, 1);
            let what = format!("what is due a millisecond before {at_ms}");
            same(&what, advance(&mut wheel, at_ms - 1), vec![])?;
            same(
                &format!("what is due at {at_ms}"),
                advance(&mut wheel, at_ms),
                vec![1],
            )?;
            let mut wheel = Wheel::new();
            let _ = advance(&mut wheel, start);
            wheel.insert(at_ms, 1);
            let (fired, ..) = until_due(&mut wheel)?;
            same("when it is due, by `next_deadline`", fired, at_ms)?;
        }
    }
    steps.now("timers at the end of time");
    let mut wheel = Wheel::new();
    wheel.insert(u64::MAX, 1);
    same("what is due at 2^40", advance(&mut wheel, 1 << 40), vec![])?;
    let mut wheel = Wheel::new();
    let _ = advance(&mut wheel, u64::MAX - 5);
    wheel.insert(u64::MAX, 1);
    wheel.insert(0, 2);
    let due = advance(&mut wheel, u64::MAX);
    same("what is due at the end", due, vec![2, 1])
}

/// To go on costs steps for the slots that are occupied, and for the timers in them: a wheel goes
/// on by 2^40 ms, some 35 years, within a second of processor time.
///
/// # Hint
/// How often does your loop go round when nothing is set?
///
/// # Hint
/// Go from one occupied slot to the next. A word with a bit for each slot of a ring finds it in one
/// instruction, `trailing_zeros`.
#[test]
fn advance_costs_slots() {
    check(|c| {
        c.isolated(goes_far_at_once).explain(
            "an advance by 2^40 ms takes less than a second of processor time",
            "a program that was stopped over night comes back to twelve hours of milliseconds, and nothing in them. To look at \
             each of them is to keep all tasks waiting for what did not happen",
            "what your advance goes through one by one",
        )
    });
}

fn goes_far_at_once(steps: &Steps) -> Checked {
    for timers in [0, 1, 1_000] {
        steps.now(&format!("an advance by 2^40 ms; timers set: {timers}"));
        let mut wheel = Wheel::new();
        for timer in 0..timers {
            wheel.insert((1 << 40) - timer * 12_345, timer);
        }
        let begun = processor_time();
        let due = advance(&mut wheel, 1 << 40).len() as u64;
        let took = processor_time() - begun;
        same("how many are due then", due, timers)?;
        if took > Duration::from_secs(1) {
            return Err(violation(format!(
                "an advance by 2^40 ms took {took:?} of processor time; timers set: {timers}"
            )));
        }
    }
    Ok(())
}
