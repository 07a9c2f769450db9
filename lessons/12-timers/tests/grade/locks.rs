//! Wakers that come back: what they do when they are called, cloned and dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use grader::{Checked, Explain, Steps, WakerProbe, check, when_cloned, when_dropped};
use time::Timers;

use crate::by_hand::{HOUR, MS, fire_until, poll, same, timers, waits};

/// A waker and a bell may do anything when they are called, cloned or dropped: set a timer, cancel
/// one, fire. Nothing is locked meanwhile.
///
/// # Hint
/// Which lines of yours run somebody else's code? The calls of `wake`, the clone, and each place
/// where a waker goes out of scope.
///
/// # Hint
/// Gather what is due in a `Vec`, let the lock go, and call then.
///
/// # Hint
/// An assignment drops the old value on the spot. Swap it out, let the lock go, and let it drop
/// there. A guard in a `match`, an `if let`, or a closure's argument lives longer than it looks.
#[test]
fn nothing_of_a_waker_happens_under_a_lock() {
    check(|c| {
        c.isolated(they_come_back).explain(
            "wakers and the bell may use the timers on the spot, when they are called, cloned or dropped",
            "to wake is to run somebody else's code. It may set a timer, and ask for the very lock that its caller holds: a \
             thread that waits for itself waits for ever",
            "which calls stand between the lock and its end, also the invisible ones: a drop, an assignment",
        )
    });
}

/// Sets a timer, fires, and cancels it again.
fn use_everything(timers: &Arc<Timers>) {
    let mut sleep = timers.sleep(HOUR);
    let _ = poll(&mut sleep, Waker::noop());
    sleep.reset(HOUR * 2);
    timers.fire();
}

/// A bell that uses its timers, once.
#[derive(Default)]
struct Curious {
    timers: std::sync::OnceLock<std::sync::Weak<Timers>>,
    rings: AtomicUsize,
}

impl Wake for Curious {
    fn wake(self: Arc<Self>) {
        let is_first = self.rings.fetch_add(1, Ordering::SeqCst) == 0;
        let timers = self.timers.get().and_then(std::sync::Weak::upgrade);
        if let Some(timers) = timers.filter(|_| is_first) {
            use_everything(&timers);
        }
    }
}

fn they_come_back(steps: &Steps) -> Checked {
    let (timers, _bell) = timers();
    let uses = || {
        let timers = Arc::downgrade(&timers);
        move || {
            if let Some(timers) = timers.upgrade() {
                use_everything(&timers);
            }
        }
    };
    steps.now("a waker that uses the timers when it is called");
    let probe = WakerProbe::answering(uses());
    let mut sleep = timers.sleep(MS);
    if poll(&mut sleep, &probe.waker()).is_pending() {
        fire_until(&timers, "its call", || (probe.wakes() > 0).then_some(()))?;
    }
    steps.now("a waker that uses the timers when it is cloned");
    let mut sleep = timers.sleep(HOUR);
    for _ in 0..2 {
        let waker = when_cloned(Waker::noop().clone(), uses());
        waits("a sleep of an hour", &mut sleep, &waker)?;
    }
    steps.now("a waker that uses the timers when another takes its place, and it is dropped");
    for _ in 0..3 {
        waits("a sleep of an hour", &mut sleep, &when_dropped(uses()))?;
    }
    steps.now("the drop of a sleep that has such a waker");
    drop(sleep);
    steps.now("a reset of a sleep that has such a waker");
    let mut sleep = timers.sleep(HOUR);
    waits("a sleep of an hour", &mut sleep, &when_dropped(uses()))?;
    sleep.reset(HOUR * 3);
    steps.now("a fired timer whose waker uses the timers when it is dropped");
    let mut short = timers.sleep(MS);
    let _ = poll(&mut short, &when_dropped(uses()));
    let look = || poll(&mut short, Waker::noop()).is_ready().then_some(());
    fire_until(&timers, "the end of the sleep", look)?;
    drop((sleep, short));
    steps.now("a bell that uses the timers when it is rung");
    let bell = Arc::<Curious>::default();
    let timers = Arc::new(Timers::new(Waker::from(Arc::clone(&bell))));
    let _ = bell.timers.set(Arc::downgrade(&timers));
    let mut sleep = timers.sleep(HOUR);
    waits("a sleep of an hour", &mut sleep, Waker::noop())?;
    same(
        "whether it was rung",
        bell.rings.load(Ordering::SeqCst) > 0,
        true,
    )
}
