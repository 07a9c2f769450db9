//! `std::thread::park` and who ends it, as a model of threads provides them: a call that comes first is kept, and a sleep
//! may end for no reason.
//!
//! Invariant: a thread's token is set by whoever calls it while it is awake, and taken by its next park.

use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::mutex::lock;

use loom::sync::Notify;
use loom::sync::atomic::AtomicUsize;
use loom::thread::ThreadId;

use super::diary;

pub use loom::thread::yield_now;

/// The beds of the threads that were asked for in this telling.
static BEDS: Mutex<Vec<(ThreadId, Arc<Bed>)>> = Mutex::new(Vec::new());

/// As `std::thread::Thread`.
#[derive(Clone, Debug)]
pub struct Thread {
    id: ThreadId,
    bed: Arc<Bed>,
}

/// Where one thread sleeps.
#[derive(Debug)]
struct Bed {
    /// Counted up before every step, so that a model tries out who comes first.
    turn: AtomicUsize,
    /// Never locked across a step of the model.
    rest: Mutex<Rest>,
}

#[derive(Debug)]
enum Rest {
    /// Awake, and nobody has called.
    Awake,
    /// Awake, and called: the next park returns at once.
    Called,
    /// Asleep until this rings.
    Asleep(Arc<Notify>),
}

/// Forgets the threads of the telling before.
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
    let place = Location::caller();
    let bed = current().bed;
    // Every unpark so far is seen, and nothing is handed back to whoever called.
    bed.turn.fetch_add(1, Ordering::Acquire);
    // From here to the sleep there is no step at which another thread could come first.
    if let Rest::Called = bed.change(Rest::Awake) {
        return diary::note_at("parks, was called already, and goes on".into(), place);
    }
    let bell = Arc::new(Notify::new());
    bed.change(Rest::Asleep(Arc::clone(&bell)));
    diary::note_at("parks and sleeps".into(), place);
    bell.wait();
    let rest = bed.change(Rest::Awake);
    let why = match rest {
        Rest::Asleep(_) => "wakes up for no reason",
        Rest::Awake | Rest::Called => "wakes up",
    };
    diary::note_at(why.into(), place);
    if let Rest::Called = rest {
        // Another has called after the one whose bell it was: this sleep takes both calls, and sees what was before both.
        bed.turn.fetch_add(1, Ordering::Acquire);
    }
}

/// As [`park`]: the time never passes.
#[track_caller]
pub fn park_timeout(_at_most: Duration) {
    park();
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
            Rest::Asleep(bell) => {
                self.bed.change(Rest::Awake);
                diary::note_call("unparks, and wakes whoever is asleep there", true, place);
                bell.notify();
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
