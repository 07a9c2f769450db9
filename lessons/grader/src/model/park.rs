//! `std::thread::park` and `unpark`, as the model of threads provides them: an unpark that comes
//! before the park is kept, and a park may end for no reason.
//!
//! Invariant: an unpark of a thread that is awake sets its token, and the next park of that thread
//! takes it.

use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::mutex::lock;

use loom::sync::Notify;
use loom::sync::atomic::AtomicUsize;
use loom::thread::ThreadId;

use super::clock::Sleep;
use super::diary;

pub use loom::thread::yield_now;

/// The bed of each thread that has called `current` or `park` in this run.
static BEDS: Mutex<Vec<(ThreadId, Arc<Bed>)>> = Mutex::new(Vec::new());

/// As `std::thread::Thread`.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Of the thread that asked for it with [`current`].
    id: ThreadId,
    bed: Arc<Bed>,
}

/// The bed of one thread: its token, and the place where it sleeps.
#[derive(Debug)]
struct Bed {
    /// Counted up before each park and unpark. That is a step of the model, so the model tries both
    /// orders of two threads that meet here.
    turn: AtomicUsize,
    /// Changed by its thread in `park` and by any thread in `unpark`. Never locked across a step of
    /// the model.
    rest: Mutex<Rest>,
}

#[derive(Debug)]
enum Rest {
    /// Awake, without a token.
    Awake,
    /// Awake, with a token: the next park returns at once.
    Called,
    /// Asleep until this is notified.
    Asleep(Arc<Notify>),
}

/// Forgets the threads of the previous run.
pub(super) fn begin() {
    lock(&BEDS).clear();
}

/// As `std::thread::current`.
#[must_use]
pub fn current() -> Thread {
    let id = loom::thread::current().id();
    let mut beds = lock(&BEDS);
    let known = beds.iter().find(|(owner, _)| *owner == id);
    let bed = known.map(|(_, bed)| Arc::clone(bed)).unwrap_or_else(|| {
        let bed = Arc::new(Bed {
            turn: AtomicUsize::new(0),
            rest: Mutex::new(Rest::Awake),
        });
        beds.push((id, Arc::clone(&bed)));
        bed
    });
    Thread { id, bed }
}

/// As `std::thread::park`.
#[track_caller]
pub fn park() {
    sleep(None, Location::caller());
}

/// As `std::thread::park_timeout`: the time may pass, and then the clock moves on by `at_most`.
#[track_caller]
pub fn park_timeout(at_most: Duration) {
    sleep(Some(at_most), Location::caller());
}

fn sleep(at_most: Option<Duration>, place: &Location<'_>) {
    let bed = current().bed;
    // `Acquire`: this thread sees what came before every unpark so far, and hands nothing back to
    // the callers.
    bed.turn.fetch_add(1, Ordering::Acquire);
    // From here to the sleep there is no step, so no other thread comes in between.
    if let Rest::Called = bed.change(Rest::Awake) {
        return diary::note_at("parks, was called already, and goes on".into(), place);
    }
    let notify = Arc::new(Notify::new());
    bed.change(Rest::Asleep(Arc::clone(&notify)));
    diary::note_at("parks and sleeps".into(), place);
    let sleep = Sleep::begin(at_most);
    sleep.wait(&notify);
    let rest = bed.change(Rest::Awake);
    let end = sleep.end(!matches!(rest, Rest::Asleep(_)));
    diary::note_at(end.words().into(), place);
    if let Rest::Called = rest {
        // A second unpark came after the one that ended this sleep: the park takes both, and sees
        // what came before both.
        bed.turn.fetch_add(1, Ordering::Acquire);
    }
}

impl Thread {
    /// As `std::thread::Thread::id`.
    #[must_use]
    pub fn id(&self) -> ThreadId {
        self.id
    }

    /// As `std::thread::Thread::unpark`.
    #[track_caller]
    pub fn unpark(&self) {
        let place = Location::caller();
        self.bed.turn.fetch_add(1, Ordering::Release);
        match self.bed.change(Rest::Called) {
            Rest::Asleep(notify) => {
                self.bed.change(Rest::Awake);
                diary::note_call("unparks, and wakes whoever is asleep there", true, place);
                notify.notify();
            }
            Rest::Awake | Rest::Called => {
                let kept = "unparks: nobody is asleep there, so the next park returns at once";
                diary::note_call(kept, false, place);
            }
        }
    }
}

impl Bed {
    fn change(&self, rest: Rest) -> Rest {
        let mut now = lock(&self.rest);
        std::mem::replace(&mut *now, rest)
    }
}
