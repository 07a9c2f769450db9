//! Who did what, in order, in the telling of a story that runs just now.
//!
//! A model runs one thread at a time, so what stands in the diary is the order. An entry is made at once after what it
//! tells of, with no step of another thread in between.

use std::panic::Location;
use std::path::Path;
use std::sync::Mutex;

use crate::mutex::lock;

use super::ending::Ending;

/// The entries of this telling, oldest first, and the name of the thread it began on.
static DIARY: Mutex<Diary> = Mutex::new(Diary::of(""));

/// More entries than this are not told.
const TOLD: usize = 60;

struct Diary {
    teller: &'static str,
    entries: Vec<Entry>,
    /// Who waits for a lock just now, and where.
    at_locks: Vec<(String, String)>,
    /// Who is within a call that is to wake somebody, and whether it has rung.
    calling: Vec<(String, bool)>,
    /// Whether a step of such a call has been taken.
    called: bool,
    /// Whether a call has woken somebody.
    heard: bool,
    /// Whether a call has met nobody asleep.
    unheard: bool,
    /// Whether the call that ended last has not rung at all.
    silent: bool,
    /// How many such calls have ended.
    ended: usize,
    /// Whether the latest look at what was done has missed something, although a call has come to its end since.
    hidden: bool,
}

impl Diary {
    /// Of a telling that has not begun yet.
    const fn of(teller: &'static str) -> Self {
        Self {
            teller,
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
    who: String,
    what: String,
    /// `parker.rs:41`, for what the learner's file does.
    place: Option<String>,
}

/// Begins a new telling.
pub(super) fn begin(teller: &'static str) {
    let mut diary = lock(&DIARY);
    *diary = Diary::of(teller);
}

/// Notes what the current thread has done.
pub(super) fn note(what: String) {
    add(what, None);
}

/// As [`note`], for something that stands in a file.
pub(super) fn note_at(what: String, place: &Location<'_>) {
    add(what, Some(in_short(place)));
}

/// Notes that a call has been made, and whether it met anybody asleep.
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

/// Does `call`, which is to wake somebody.
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

/// Whether a call has been made, or has at least begun.
pub(super) fn is_called() -> bool {
    let diary = lock(&DIARY);
    diary.called
}

/// Notes a look that has seen this happen so many times, which has really happened so many times.
pub(super) fn looked(seen: usize, happened: usize) {
    let mut diary = lock(&DIARY);
    diary.hidden = seen < happened && happened <= diary.ended;
}

/// Does `take`, which waits for a lock.
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

/// How it stands when all wait for ever.
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
    current.name().unwrap_or(diary.teller).to_owned()
}

/// `parker.rs:41`.
fn in_short(place: &Location<'_>) -> String {
    let file = Path::new(place.file()).file_name().unwrap_or_default();
    format!("{}:{}", file.display(), place.line())
}

/// Whether nothing has been met that a model can see.
pub(super) fn is_empty() -> bool {
    let diary = lock(&DIARY);
    diary.entries.iter().all(|entry| entry.place.is_none())
}

/// The story, a line a step.
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
        .take(TOLD)
        .map(tell)
        .collect();
    match diary.entries.len().saturating_sub(TOLD) {
        0 => {}
        1 => lines.push("… and 1 more step".into()),
        more => lines.push(format!("… and {more} more steps")),
    }
    lines
}
