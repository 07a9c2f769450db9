//! A model of threads: one story, told in every order that its steps can come in.
//!
//! Threads that meet at a lock can go through it in many orders; a machine shows a few, and seldom the one that hurts.
//! Here `loom` runs a story again and again, each time in another order, on locks of its own ([`sync`]), until there
//! is none left. What the threads did stands in a diary; when a story ends badly, the diary is the failure.
//!
//! Invariant: a story runs in a process of its own, which ends at the first bad end. So nothing is unwound through
//! locks that somebody still waits at.

pub mod atomic;
mod diary;
mod ending;
pub mod park;
pub mod sync;

use std::panic;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use loom::sync::atomic::AtomicUsize as AtomicCount;

pub use self::ending::Ending;
use crate::isolated::Steps;
use crate::mutex::lock;
use crate::verdict::Failure;
use crate::verdict::explain::Explanation;
use crate::verdict::stop::Stop;
use crate::words::count;

/// For how long one story is told, in one order after the other. Those with few interruptions, which find nearly everything, have long
/// been tried by then.
const AT_MOST: Duration = Duration::from_millis(3500);

/// A story of more steps than this is told as one without end. A thread that looks a thousand times before it sleeps
/// is still heard out.
const STEPS: usize = 10_000;

/// A thread of a story.
pub type Thread = loom::thread::JoinHandle<()>;

/// The story that is told just now, in short, and its moral for each ending.
static TOLD: Mutex<Option<(String, Morals)>> = Mutex::new(None);

/// The moral of each ending.
pub type Morals = fn(&Ending) -> Explanation;

/// Tells a story, which is `words` in short, in every order in which threads are interrupted `most` times at most,
/// within a step that they could have gone on from; `teller` is the name of the thread it begins on. Orders with fewer
/// interruptions come first, so the first bad end is a short story.
///
/// A story that ends badly ([`Ending`]) ends the steps as red, with its moral.
pub fn every_order(
    steps: &Steps,
    words: &str,
    most: usize,
    teller: &'static str,
    morals: Morals,
    story: impl Fn() + Send + Sync + 'static,
) {
    steps.now(words);
    *lock(&TOLD) = Some((words.to_owned(), morals));
    // Once: loom's coroutines add a hook of their own to this one, also once, and unwind through it.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| end_at_the_first_panic(steps.clone()));
    let story = Arc::new(story);
    let orders = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    // The most interruptions with which every order has been tried.
    let mut tried_all = None;
    for interruptions in 0..=most {
        orders.store(0, Ordering::SeqCst);
        let (story, told) = (Arc::clone(&story), Arc::clone(&orders));
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(interruptions);
        model.max_branches = STEPS;
        // Whether there is time left is asked whenever so many have been told.
        model.checkpoint_interval = 10;
        model.max_duration = Some(AT_MOST.saturating_sub(begun.elapsed()));
        model.check(move || {
            told.fetch_add(1, Ordering::SeqCst);
            diary::begin(teller);
            park::begin();
            atomic::begin();
            story();
        });
        if begun.elapsed() >= AT_MOST {
            break;
        }
        tried_all = Some(interruptions);
    }
    if diary::is_empty() {
        end(steps, &Ending::Unseen);
    }
    let orders = orders.load(Ordering::SeqCst);
    let late = ", and then there was no time left";
    let more = match tried_all {
        Some(tried) if tried == most => String::new(),
        Some(0) => format!(", among them all without an interruption{late}"),
        Some(tried) => {
            let tried = count(tried as u64, "interruption", "interruptions");
            format!(", among them all with {tried} at most{late}")
        }
        None => late.into(),
    };
    steps.note(&format!("{orders} orders tried{more}: {words}"));
}

/// What the threads of a story tell each other about it. A step like any other, but not in the diary; it hands nothing on,
/// so whoever is to see it has to be told by other means.
///
/// It is counted before the calls ([`rings`]) that tell of it: whoever has been called sees the count.
#[derive(Debug, Default)]
pub struct Tally {
    seen: AtomicCount,
    /// How often it has happened in this order, whoever can see it.
    happened: AtomicUsize,
}

impl Tally {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// It has happened once more.
    pub fn add_one(&self) {
        self.seen.fetch_add(1, Ordering::Relaxed);
        // No step of another thread comes in between.
        self.happened.fetch_add(1, Ordering::SeqCst);
    }

    /// How often it has happened, as far as the current thread can see.
    #[must_use]
    pub fn count(&self) -> usize {
        let seen = self.seen.load(Ordering::Relaxed);
        diary::looked(seen, self.happened.load(Ordering::SeqCst));
        seen
    }
}

/// Begins another thread of the story.
pub fn thread(name: &'static str, f: impl FnOnce() + Send + 'static) -> Thread {
    loom::thread::Builder::new()
        .name(name.into())
        .spawn(f)
        .expect("a model's thread can always be spawned")
}

/// Does `f`, with its beginning and its end in the diary: "calls park", "park returns".
pub fn calls<T>(name: &str, f: impl FnOnce() -> T) -> T {
    diary::note(format!("calls {name}"));
    let done = f();
    diary::note(format!("{name} returns"));
    done
}

/// As [`calls`], for a call that is to wake somebody who sleeps.
pub fn rings<T>(name: &str, f: impl FnOnce() -> T) -> T {
    calls(name, || diary::in_call(f))
}

/// Ends the story badly unless `tally` can be seen to have come to `count`. If a call ([`rings`]) has been made by then,
/// what was done before it is hidden; if not, `broken` says what was promised and is not so.
pub fn must_see(tally: &Tally, count: usize, broken: &'static str) {
    if tally.count() >= count {
        return;
    }
    if diary::is_called() && tally.happened.load(Ordering::SeqCst) >= count {
        panic::panic_any(Hidden);
    }
    must(false, broken);
}

/// Ends the story badly unless `held`; `broken` says what was promised and is not so.
pub fn must(held: bool, broken: &'static str) {
    if !held {
        panic::panic_any(Broken(broken));
    }
}

/// What a story's own promise says when it is broken.
struct Broken(&'static str);

/// What was done before a call cannot be seen by the one who was called.
struct Hidden;

/// Any panic is the story's end: loom's when all wait for ever, a broken promise, or one of the learner's code.
fn end_at_the_first_panic(steps: Steps) {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let from_loom = info
            .location()
            .is_some_and(|place| place.file().contains("/loom-"));
        let payload = info.payload();
        let words = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or(payload.downcast_ref::<&str>().copied())
            .unwrap_or_default();
        if let Some(Broken(broken)) = payload.downcast_ref() {
            end(&steps, &Ending::Broken(broken));
        } else if payload.is::<Hidden>() {
            end(&steps, &Ending::Hidden);
        } else if from_loom && words.starts_with("deadlock") {
            end(&steps, &diary::all_wait());
        } else if from_loom && words.contains("maximum number of branches") {
            end(&steps, &Ending::Endless);
        } else if from_loom {
            let gave_up = format!("the model of threads gave up: {words}");
            steps.conclude(Err(Stop::CouldNotJudge(gave_up)));
        }
        tell(info);
        process::exit(101);
    }));
}

/// Ends the steps with what was seen, the diary, and the moral.
fn end(steps: &Steps, ending: &Ending) -> ! {
    let told = lock(&TOLD);
    if let Some((story, _)) = told.as_ref().filter(|_| *ending != Ending::Unseen) {
        steps.note(&format!("one order ends badly: {story}"));
    }
    let words = told.as_ref().map(|(_, morals)| morals(ending));
    steps.conclude(Err(Failure {
        expected: words.map_or("", |words| words.expected).into(),
        saw: ending.tell(),
        why: words.map_or("", |words| words.why).into(),
        look: words.map_or("", |words| words.look).into(),
        autopsy: diary::read(),
        ..Failure::default()
    }
    .into()))
}

impl Ending {
    fn tell(&self) -> String {
        match self {
            Self::Unheard => {
                "in the order told below, whoever is left sleeps, and nobody is left to call".into()
            }
            Self::BackToSleep => "in the order told below, whoever was called went back to sleep, and nobody is left \
                                  to call again"
                .into(),
            Self::Silent => {
                "in the order told below, whoever is left sleeps, and the last call has woken nobody".into()
            }
            Self::Hidden => "in the order told below, the call came through, and what its caller did before it cannot \
                             be seen"
                .into(),
            Self::Uncalled => {
                "in the order told below, whoever is left sleeps, and nobody has woken anybody".into()
            }
            Self::Locked { who, place } => format!(
                "in the order told below, the {who} waits at {place} for a lock that is never given up"
            ),
            Self::Endless => {
                "one step follows the other, and the story does not come to an end".into()
            }
            Self::Broken(broken) => (*broken).into(),
            Self::Unseen => "the model has not seen a single step of it".into(),
        }
    }
}
