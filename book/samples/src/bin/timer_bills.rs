//! What it costs to set a timer and to cancel it, in processor time: in a sorted map, in a heap,
//! and in the wheel of lesson 12, with more and more timers set meanwhile.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use rustix::time::{ClockId, clock_gettime};
use time::{Key, Wheel};

/// How often a timer is set and cancelled in one round; the best of five rounds counts.
const TIMES: u32 = 20_000;

/// Where timers are kept.
trait Timers: Default {
    /// What a timer is cancelled by.
    type Key;
    fn set(&mut self, at_ms: u64) -> Self::Key;
    fn unset(&mut self, key: Self::Key);
}

/// By deadline, and by a number since two deadlines may be the same.
#[derive(Default)]
struct Map {
    timers: BTreeMap<(u64, u64), u64>,
    number: u64,
}

impl Timers for Map {
    type Key = (u64, u64);

    fn set(&mut self, at_ms: u64) -> Self::Key {
        self.number += 1;
        self.timers.insert((at_ms, self.number), at_ms);
        (at_ms, self.number)
    }

    fn unset(&mut self, key: Self::Key) {
        self.timers.remove(&key);
    }
}

/// A heap has its first at hand, and finds no other. So what is cancelled stays, and is noted.
#[derive(Default)]
struct Heap {
    timers: BinaryHeap<std::cmp::Reverse<(u64, u64)>>,
    cancelled: HashSet<u64>,
    number: u64,
}

impl Timers for Heap {
    type Key = u64;

    fn set(&mut self, at_ms: u64) -> u64 {
        self.number += 1;
        self.timers.push(std::cmp::Reverse((at_ms, self.number)));
        self.number
    }

    fn unset(&mut self, key: u64) {
        self.cancelled.insert(key);
        // Half of it is of no use by now: what is left is heaped up anew.
        if self.cancelled.len() > self.timers.len() / 2 {
            let cancelled = std::mem::take(&mut self.cancelled);
            self.timers.retain(|timer| !cancelled.contains(&timer.0.1));
        }
    }
}

impl Timers for Wheel<u64> {
    type Key = Key;

    fn set(&mut self, at_ms: u64) -> Key {
        self.insert(at_ms, at_ms)
    }

    fn unset(&mut self, key: Key) {
        self.cancel(key);
    }
}

/// Nanoseconds for one timer that is set and cancelled, with so many others set.
fn bill<T: Timers>(set: u32) -> u128 {
    let mut random = Rng::with_seed(1);
    // Within some twelve days.
    let mut deadline = || random.u64(..1 << 30);
    let mut timers = T::default();
    for _ in 0..set {
        timers.set(deadline());
    }
    let rounds = (0..5).map(|_| {
        let deadlines: Vec<u64> = (0..TIMES).map(|_| deadline()).collect();
        let begun = processor_time();
        for at_ms in deadlines {
            let key = timers.set(at_ms);
            timers.unset(key);
        }
        processor_time() - begun
    });
    let best = rounds.min().expect("there are five rounds");
    best.as_nanos() / u128::from(TIMES)
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn main() {
    println!("  timers set   sorted map   heap    wheel   (ns to set one and cancel it)");
    for bits in [10, 14, 17, 20] {
        let set = 1 << bits;
        let [map, heap, wheel] = [bill::<Map>(set), bill::<Heap>(set), bill::<Wheel<u64>>(set)];
        println!("{set:>12}   {map:>10}   {heap:>4}   {wheel:>6}");
    }
}
