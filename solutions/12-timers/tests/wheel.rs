//! The wheel: what is due, when, and in which order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use time::{Key, Wheel};

/// Lets time go on; what was due.
fn advance(wheel: &mut Wheel<u64>, to_ms: u64) -> Vec<u64> {
    let mut due = Vec::new();
    wheel.advance(to_ms, &mut due);
    due
}

/// Goes from deadline to deadline, as a runtime does; the times at which something was due.
fn run_dry(wheel: &mut Wheel<u64>) -> Vec<(u64, u64)> {
    let mut fired = Vec::new();
    while let Some(next) = wheel.next_deadline() {
        let due = advance(wheel, next);
        fired.extend(due.into_iter().map(|value| (next, value)));
    }
    fired
}

/// The timers that ought to be in a wheel, by deadline and number.
#[derive(Default)]
struct Oracle {
    set: BTreeMap<(u64, u64), Key>,
    now: u64,
    numbers: u64,
}

impl Oracle {
    fn insert(&mut self, wheel: &mut Wheel<u64>, at_ms: u64) {
        self.numbers += 1;
        let key = wheel.insert(at_ms, self.numbers);
        // One that has passed counts as now.
        self.set.insert((at_ms.max(self.now), self.numbers), key);
    }

    fn cancel_one(&mut self, wheel: &mut Wheel<u64>, random: &mut Rng) {
        let from = (random.u64(..=self.now.saturating_mul(2).max(1)), 0);
        let found = self.set.range(from..).next();
        let Some((&(at_ms, number), &key)) = found else {
            return;
        };
        assert_eq!(wheel.get_mut(key), Some(&mut { number }));
        assert_eq!(wheel.cancel(key), Some(number));
        assert_eq!(wheel.cancel(key), None, "twice");
        self.set.remove(&(at_ms, number));
    }

    fn advance(&mut self, wheel: &mut Wheel<u64>, to_ms: u64) {
        let first = self.set.keys().next().map(|(at_ms, _)| *at_ms);
        match (wheel.next_deadline(), first) {
            (None, None) => {}
            (Some(next), Some(first)) => {
                assert!(next <= first, "{next} is later than {first}");
                assert!(next >= wheel.now());
            }
            unlike => panic!("{unlike:?}"),
        }
        let due = advance(wheel, to_ms);
        self.now = self.now.max(to_ms);
        assert_eq!(wheel.now(), self.now);
        let later = self.set.split_off(&(self.now, u64::MAX));
        let expected = std::mem::replace(&mut self.set, later);
        let at: BTreeMap<u64, u64> = expected.keys().map(|(at, number)| (*number, *at)).collect();
        let deadlines: Vec<_> = due.iter().map(|number| at.get(number).copied()).collect();
        assert!(deadlines.iter().all(Option::is_some), "some are early");
        assert!(deadlines.is_sorted(), "{deadlines:?}");
        assert_eq!(due.len(), expected.len(), "some are late");
    }
}

#[test]
fn a_hundred_thousand_random_operations_agree_with_a_sorted_map() {
    for seed in 0..10 {
        let mut random = Rng::with_seed(seed);
        let (mut wheel, mut oracle) = (Wheel::new(), Oracle::default());
        for _ in 0..10_000 {
            // Spans of every order of magnitude, also beyond the wheel's 2^36.
            let bits = random.u32(..41);
            let span = random.u64(..=1 << bits);
            match random.u32(..10) {
                0..=4 => oracle.insert(&mut wheel, oracle.now + span),
                5 => oracle.insert(&mut wheel, oracle.now.saturating_sub(span)),
                6..=7 => oracle.cancel_one(&mut wheel, &mut random),
                8 => {
                    let next = wheel.next_deadline();
                    oracle.advance(&mut wheel, next.unwrap_or_default());
                }
                _ => {
                    let to_ms = oracle.now + span.min(1 << 38);
                    oracle.advance(&mut wheel, to_ms);
                }
            }
        }
        oracle.advance(&mut wheel, u64::MAX);
        assert_eq!(wheel.next_deadline(), None);
    }
}

#[test]
fn zero_and_past_deadlines_fire_at_the_next_advance() {
    let mut wheel = Wheel::new();
    wheel.insert(0, 1);
    assert_eq!(wheel.next_deadline(), Some(0));
    assert_eq!(advance(&mut wheel, 0), [1]);
    advance(&mut wheel, 1_000_000);
    wheel.insert(7, 2);
    wheel.insert(1_000_000, 3);
    assert_eq!(wheel.next_deadline(), Some(1_000_000));
    // Time does not go back.
    assert_eq!(advance(&mut wheel, 5).len(), 2);
    assert_eq!(wheel.now(), 1_000_000);
}

#[test]
fn a_far_timer_never_hides_a_near_one() {
    // Of each ring, and beyond: the far one stands in the slot of now, a whole turn ahead.
    for bits in (6..=42).step_by(6) {
        for offset in [0, 1, (1 << bits) - 1] {
            let start = (1 << 30) + offset;
            let mut wheel = Wheel::new();
            advance(&mut wheel, start);
            for beyond in [0, 1, 63] {
                wheel.insert(start + (1 << bits) + beyond, 1);
            }
            wheel.insert(start + 300, 2);
            let fired = run_dry(&mut wheel);
            assert!(fired.contains(&(start + 300, 2)), "2^{bits}: {fired:?}");
        }
    }
}

#[test]
fn deadlines_beyond_the_wheel_fire_to_the_millisecond() {
    for at_ms in [(1 << 36) - 1, 1 << 36, (1 << 36) + 77, (1 << 40) + 12_345] {
        let mut wheel = Wheel::new();
        advance(&mut wheel, 999);
        wheel.insert(at_ms, 1);
        assert_eq!(run_dry(&mut wheel), [(at_ms, 1)]);
    }
}

#[test]
fn a_timer_for_ever_is_no_overflow() {
    let mut wheel = Wheel::new();
    wheel.insert(u64::MAX, 1);
    assert_eq!(advance(&mut wheel, 1 << 40), []);
    assert!(wheel.next_deadline() < Some(u64::MAX));
    let mut late = Wheel::new();
    advance(&mut late, u64::MAX - 5);
    late.insert(u64::MAX, 1);
    late.insert(0, 2);
    assert_eq!(advance(&mut late, u64::MAX), [2, 1]);
}

#[test]
fn a_timer_is_moved_at_most_once_for_each_ring_above_the_lowest() {
    for at_ms in [1_u64, 64, 5_000, 300_000, (1 << 30) + 4_321, (1 << 36) - 1] {
        let mut wheel = Wheel::new();
        advance(&mut wheel, 777);
        wheel.insert(777 + at_ms, 1);
        let mut looks = 0;
        while let Some(next) = wheel.next_deadline() {
            advance(&mut wheel, next);
            looks += 1;
        }
        assert!(looks <= 6, "{at_ms}: {looks}");
    }
}

#[test]
fn a_key_means_nothing_once_its_timer_has_gone() {
    let mut wheel = Wheel::new();
    let fired = wheel.insert(1, 1);
    assert_eq!(advance(&mut wheel, 1), [1]);
    assert_eq!(wheel.get_mut(fired), None);
    // It has the place of the other.
    let next = wheel.insert(2, 2);
    assert_ne!(fired, next);
    assert_eq!(wheel.cancel(fired), None);
    assert_eq!(wheel.cancel(next), Some(2));
    assert_eq!(wheel.next_deadline(), None);
}

#[test]
fn to_go_on_costs_slots_and_not_milliseconds() {
    let mut wheel = Wheel::new();
    wheel.insert(1 << 40, 1);
    let begun = Instant::now();
    assert_eq!(advance(&mut wheel, 1 << 40), [1]);
    assert!(begun.elapsed() < Duration::from_secs(1));
}
