//! A model of threads: runs one story in every order in which the steps of its threads can come.
//!
//! Threads that meet at a lock can go through it in many orders; a machine shows a few of them, and
//! seldom the one that loses a wake. A *story* is a closure whose threads use the types of
//! [`sync`]. `loom` runs it again and again, each time in another order, until no order is left.
//! Each run logs the steps of its threads in a *diary*; when a run ends badly, the failure shows
//! the diary.
//!
//! Invariant: a story runs in an isolated process, which ends at the first bad end. So no panic
//! unwinds through a lock that another thread still waits for.

pub mod atomic;
mod clock;
mod diary;
mod ending;
pub mod park;
pub mod sync;

use std::fmt;
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
use crate::words::{count, panic_words};

/// For how long one story is run. The orders with few interruptions, which find nearly every fault,
/// have been tried long before that.
const AT_MOST: Duration = Duration::from_millis(3500);

/// A run of more steps than this counts as endless. A thread that looks a thousand times before it
/// sleeps takes fewer.
const STEPS: usize = 10_000;

/// A thread of a story.
pub type Thread = loom::thread::JoinHandle<()>;

/// The title of the story that runs just now, and its explanations; `None` before the first. Set by
/// [`every_order`].
static STORY: Mutex<Option<(String, Explanations)>> = Mutex::new(None);

/// The explanation for each way in which a story can end badly.
pub type Explanations = fn(&Ending) -> Explanation;

/// Runs a story in every order with at most `most` interruptions: switches away from a thread that
/// could have gone on. `words` is the story's title, and `first_thread` the name of the thread that
/// it begins on. Orders with fewer interruptions come first, so the first bad end has a short
/// diary.
///
/// A story that ends badly ([`Ending`]) ends the steps as red, with the explanation for that
/// ending.
pub fn every_order(
    steps: &Steps,
    words: &str,
    most: usize,
    first_thread: &'static str,
    explanations: Explanations,
    story: impl Fn() + Send + Sync + 'static,
) {
    steps.now(words);
    *lock(&STORY) = Some((words.to_owned(), explanations));
    // Only once: loom adds a hook of its own around this one, also only once.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| end_at_the_first_panic(steps.clone()));
    let story = Arc::new(story);
    let orders = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    // The most interruptions with which every order has been tried.
    let mut tried_all = None;
    for interruptions in 0..=most {
        orders.store(0, Ordering::SeqCst);
        let (story, tried) = (Arc::clone(&story), Arc::clone(&orders));
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(interruptions);
        model.max_branches = STEPS;
        // After so many orders loom looks whether there is time left.
        model.checkpoint_interval = 10;
        model.max_duration = Some(AT_MOST.saturating_sub(begun.elapsed()));
        model.check(move || {
            tried.fetch_add(1, Ordering::SeqCst);
            diary::begin(first_thread);
            park::begin();
            atomic::begin();
            clock::begin();
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

/// A count of something that the threads of a story do. Adding and looking are steps of the model,
/// but they are not in the diary, and they are `Relaxed`: a thread sees another's count only when
/// the learner's code makes it visible.
///
/// A story adds before the call ([`rings`]) that announces the event, so that a thread that has
/// been called must see the count.
#[derive(Debug, Default)]
pub struct Tally {
    /// The count in the model, where a thread may still see an old value.
    seen: AtomicCount,
    /// The true count in this run, which no thread of the story can miss.
    happened: AtomicUsize,
}

impl Tally {
    /// A count of 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one more.
    pub fn add_one(&self) {
        self.seen.fetch_add(1, Ordering::Relaxed);
        // This is no step of the model: no other thread comes in between.
        self.happened.fetch_add(1, Ordering::SeqCst);
    }

    /// The count, as far as the current thread can see it.
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

/// Calls `f`, and logs its beginning and its end in the diary: "calls park", "park returns". What
/// it returns is logged too, unless that is `()`.
pub fn calls<T: fmt::Debug>(name: &str, f: impl FnOnce() -> T) -> T {
    diary::note(format!("calls {name}"));
    let done = f();
    let told = format!("{name} returns {done:?}");
    diary::note(told.trim_end_matches(" ()").to_owned());
    done
}

/// As [`calls`], for a call that has to wake a thread that sleeps.
pub fn rings<T: fmt::Debug>(name: &str, f: impl FnOnce() -> T) -> T {
    calls(name, || diary::in_call(f))
}

/// Ends the story badly unless the current thread sees that `tally` has come to `count`. If the
/// true count is there and a call ([`rings`]) has been made, the ending is [`Ending::Hidden`]; if
/// not, it is `broken`, the sentence about the promise that is not kept.
pub fn must_see(tally: &Tally, count: usize, broken: &'static str) {
    if tally.count() >= count {
        return;
    }
    if diary::is_called() && tally.happened.load(Ordering::SeqCst) >= count {
        panic::panic_any(Hidden);
    }
    must(false, broken);
}

/// Ends the story badly unless `held`; `broken` is the sentence about the promise that is not kept.
pub fn must(held: bool, broken: &'static str) {
    if !held {
        panic::panic_any(Broken(broken));
    }
}

/// The payload of the panic that ends a story with [`Ending::Broken`].
struct Broken(&'static str);

/// The payload of the panic that ends a story with [`Ending::Hidden`].
struct Hidden;

/// Makes any panic the end of the story: loom's panic when all threads wait for ever, a broken
/// promise, or a panic of the learner's code.
fn end_at_the_first_panic(steps: Steps) {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let from_loom = info
            .location()
            .is_some_and(|place| place.file().contains("/loom-"));
        let payload = info.payload();
        let words = panic_words(payload);
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

/// Ends the steps with the ending, its explanation, and the diary.
fn end(steps: &Steps, ending: &Ending) -> ! {
    let told = lock(&STORY);
    if let Some((story, _)) = told.as_ref().filter(|_| *ending != Ending::Unseen) {
        steps.note(&format!("one order ends badly: {story}"));
    }
    let words = told.as_ref().map(|(_, explanations)| explanations(ending));
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
