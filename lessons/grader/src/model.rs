//! A model of threads: one story, told in every order that its steps can come in.
//!
//! Threads that meet at a lock can go through it in many orders; a machine shows a few, and seldom the one that hurts.
//! Here `loom` runs a story again and again, each time in another order, on locks of its own ([`sync`]), until there
//! is none left. What the threads did stands in a diary; when a story ends badly, the diary is the failure.
//!
//! Invariant: a story runs in a process of its own, which ends at the first bad end. So nothing is unwound through
//! locks that somebody still waits at.

mod diary;
pub mod sync;

use std::panic;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use loom::sync::atomic::AtomicUsize as AtomicCount;

use crate::apart::Steps;
use crate::verdict::Failure;

/// A thread of a story.
pub type Thread = loom::thread::JoinHandle<()>;

/// Tells a story, which is `words` in short, in every order in which threads are interrupted `most` times at the most, within a step that they could
/// have gone on from; `teller` is the name of the thread it begins on. Orders with fewer interruptions come first, so
/// the first bad end is a short story.
///
/// A story whose threads all wait for ever, or that breaks a promise of its own ([`must`]), ends the steps as red.
pub fn every_order(
    steps: &Steps,
    words: &str,
    most: usize,
    teller: &'static str,
    story: impl Fn() + Send + Sync + 'static,
) {
    steps.now(words);
    // Once: loom's coroutines add a hook of their own to this one, also once, and unwind through it.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| end_at_the_first_panic(steps.clone()));
    let story = Arc::new(story);
    let orders = Arc::new(AtomicUsize::new(0));
    for interruptions in 0..=most {
        orders.store(0, Ordering::SeqCst);
        let (story, told) = (Arc::clone(&story), Arc::clone(&orders));
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(interruptions);
        model.check(move || {
            told.fetch_add(1, Ordering::SeqCst);
            diary::begin(teller);
            story();
        });
    }
    if diary::is_empty() {
        steps.violated(
            "the model saw no lock at all: what it can follow is what `super::sync` provides",
        );
    }
    steps.note(&format!(
        "{} orders tried: {words}",
        orders.load(Ordering::SeqCst)
    ));
}

/// What the threads of a story tell each other about it. A step like any other, but not in the diary.
#[derive(Debug, Default)]
pub struct Tally(AtomicCount);

impl Tally {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// It has happened once more.
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often it has happened.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
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

/// Ends the story badly unless `held`; `broken` says what was promised and is not so.
pub fn must(held: bool, broken: &'static str) {
    if !held {
        panic::panic_any(Broken(broken));
    }
}

/// What a story's own promise says when it is broken.
struct Broken(&'static str);

/// Any panic is the story's end: loom's when all wait for ever, a broken promise, or one of the learner's code.
fn end_at_the_first_panic(steps: Steps) {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let from_loom = info
            .location()
            .is_some_and(|place| place.file().contains("/loom-"));
        let words = info
            .payload()
            .downcast_ref::<String>()
            .map_or("", String::as_str);
        let saw = if let Some(Broken(broken)) = info.payload().downcast_ref() {
            (*broken).to_owned()
        } else if from_loom && words.starts_with("deadlock") {
            "in the order told below, whoever is left sleeps, and nobody is left to call".to_owned()
        } else if from_loom {
            format!("a story that does not come to an end: {words}")
        } else {
            tell(info);
            process::exit(101);
        };
        steps.conclude(Err(Failure {
            saw,
            autopsy: diary::read(),
            ..Failure::default()
        }
        .into()));
    }));
}
