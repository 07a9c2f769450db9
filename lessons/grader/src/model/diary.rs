//! The diary: the steps of all threads, in order, in the present run of a story.
//!
//! Invariant: the model runs one thread at a time, and an entry is made right after its step, with
//! no step of another thread in between. So the order of the entries is the order of the steps.

use std::panic::Location;
use std::path::Path;
use std::sync::Mutex;

use crate::mutex::lock;

use super::ending::Ending;

/// The diary of the present run; [`begin`] makes a new one for each run.
static DIARY: Mutex<Diary> = Mutex::new(Diary::of(""));

/// How many entries a failure shows at most.
const SHOWN: usize = 60;

struct Diary {
    /// The name of the thread that the story begins on: the model gives it none.
    first_thread: &'static str,
    /// Oldest first.
    entries: Vec<Entry>,
    /// Each thread that waits for a lock just now, and the line where it waits.
    at_locks: Vec<(String, String)>,
    /// Each thread that is within a call of [`in_call`], and whether that call has tried to wake a
    /// thread.
    calling: Vec<(String, bool)>,
    /// Whether a call of [`in_call`] has taken a step; never unset in a run.
    called: bool,
    /// Whether a call has woken a thread; never unset in a run.
    heard: bool,
    /// Whether a call has found no thread asleep; never unset in a run.
    unheard: bool,
    /// Whether the call that ended last has not tried to wake a thread.
    silent: bool,
    /// How many calls of [`in_call`] have ended.
    ended: usize,
    /// Whether the latest look at a tally has missed an event, although the call that announces it
    /// has ended.
    hidden: bool,
}

impl Diary {
    /// The diary of a run that has not begun yet.
    const fn of(first_thread: &'static str) -> Self {
        Self {
            first_thread,
            entries: Vec::new(),
            at_locks: Vec::new(),
            calling: Vec::new(),
            called: false,
            heard: false,
            unheard: false,
            silent: false,
            ended: 0,
            hidden: false,
        }
    }
}

struct Entry {
    /// The thread's name.
    who: String,
    /// The step, in words.
    what: String,
    /// `parker.rs:41`, for a step of the learner's file; `None` for an entry of the story itself.
    place: Option<String>,
}

/// Begins the diary of a new run.
pub(super) fn begin(first_thread: &'static str) {
    let mut diary = lock(&DIARY);
    *diary = Diary::of(first_thread);
}

/// Logs a step of the current thread.
pub(super) fn note(what: String) {
    add(what, None);
}

/// As [`note`], for a step at this place of a file.
pub(super) fn note_at(what: String, place: &Location<'_>) {
    add(what, Some(in_short(place)));
}

/// Logs an attempt to wake a thread, and whether it found one asleep.
pub(super) fn note_call(what: &str, heard: bool, place: &Location<'_>) {
    note_at(what.to_owned(), place);
    let who = who();
    let mut diary = lock(&DIARY);
    diary.heard |= heard;
    diary.unheard |= !heard;
    if let Some((_, rung)) = diary.calling.iter_mut().find(|(caller, _)| *caller == who) {
        *rung = true;
    }
}

/// Makes a call that has to wake a thread.
pub(super) fn in_call<T>(call: impl FnOnce() -> T) -> T {
    let who = who();
    let mut diary = lock(&DIARY);
    diary.calling.push((who.clone(), false));
    drop(diary);
    let done = call();
    let mut diary = lock(&DIARY);
    diary.silent = diary.calling.contains(&(who.clone(), false));
    diary.calling.retain(|(caller, _)| *caller != who);
    diary.ended += 1;
    done
}

/// Whether a call of [`in_call`] has been made, or has at least taken a step.
pub(super) fn is_called() -> bool {
    let diary = lock(&DIARY);
    diary.called
}

/// Notes that a thread has looked at a tally: it saw `seen` of the events, and `happened` is the
/// true count.
pub(super) fn looked(seen: usize, happened: usize) {
    let mut diary = lock(&DIARY);
    diary.hidden = seen < happened && happened <= diary.ended;
}

/// Calls `take`, which waits for a lock.
pub(super) fn at_lock<T>(place: &Location<'_>, take: impl FnOnce() -> T) -> T {
    let who = who();
    let waits = (who.clone(), in_short(place));
    let mut diary = lock(&DIARY);
    diary.at_locks.push(waits);
    drop(diary);
    let taken = take();
    let mut diary = lock(&DIARY);
    diary.at_locks.retain(|(waiting, _)| *waiting != who);
    taken
}

/// The ending of a run in which all threads wait for ever.
pub(super) fn all_wait() -> Ending {
    let diary = lock(&DIARY);
    match diary.at_locks.first() {
        Some((who, place)) => Ending::Locked {
            who: who.clone(),
            place: place.clone(),
        },
        None if diary.silent && diary.hidden => Ending::Hidden,
        None if diary.heard && diary.silent => Ending::Silent,
        None if diary.unheard => Ending::Unheard,
        None if diary.heard => Ending::BackToSleep,
        None => Ending::Uncalled,
    }
}

fn add(what: String, place: Option<String>) {
    let who = who();
    let mut diary = lock(&DIARY);
    diary.called |= place.is_some() && diary.calling.iter().any(|(caller, _)| *caller == who);
    diary.entries.push(Entry { who, what, place });
}

/// The name of the current thread.
fn who() -> String {
    let current = loom::thread::current();
    let diary = lock(&DIARY);
    current.name().unwrap_or(diary.first_thread).to_owned()
}

/// `parker.rs:41`.
fn in_short(place: &Location<'_>) -> String {
    let file = Path::new(place.file()).file_name().unwrap_or_default();
    format!("{}:{}", file.display(), place.line())
}

/// Whether the diary has no step of the learner's code.
pub(super) fn is_empty() -> bool {
    let diary = lock(&DIARY);
    diary.entries.iter().all(|entry| entry.place.is_none())
}

/// The diary, one line for each step.
pub(super) fn read() -> Vec<String> {
    let diary = lock(&DIARY);
    let room = |width: fn(&Entry) -> usize| diary.entries.iter().map(width).max().unwrap_or(0);
    let who_room = room(|entry| entry.who.len());
    let place_room = room(|entry| entry.place.as_ref().map_or(0, String::len));
    let tell = |(index, entry): (usize, &Entry)| {
        let place = entry.place.as_deref().unwrap_or_default();
        let (number, Entry { who, what, .. }) = (index + 1, entry);
        format!("{number:>2}  {who:<who_room$}  {place:<place_room$}  {what}")
    };
    let mut lines: Vec<_> = diary
        .entries
        .iter()
        .enumerate()
        .take(SHOWN)
        .map(tell)
        .collect();
    match diary.entries.len().saturating_sub(SHOWN) {
        0 => {}
        1 => lines.push("… and 1 more step".into()),
        more => lines.push(format!("… and {more} more steps")),
    }
    lines
}
