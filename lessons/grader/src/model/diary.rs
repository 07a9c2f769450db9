//! Who did what, in order, in the telling of a story that runs just now.
//!
//! A model runs one thread at a time, so what stands in the diary is the order. An entry is made at once after what it
//! tells of, with no step of another thread in between.

use std::panic::Location;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The entries of this telling, oldest first, and the name of the thread it began on.
static DIARY: Mutex<Diary> = Mutex::new(Diary {
    teller: "",
    entries: Vec::new(),
});

/// More entries than this are not told.
const TOLD: usize = 40;

struct Diary {
    teller: &'static str,
    entries: Vec<Entry>,
}

struct Entry {
    who: String,
    what: String,
    /// `parker.rs:41`, for what the learner's file does.
    place: Option<String>,
}

/// Begins a new telling.
pub(super) fn begin(teller: &'static str) {
    let mut diary = DIARY.lock().unwrap_or_else(PoisonError::into_inner);
    diary.teller = teller;
    diary.entries.clear();
}

/// Notes what the current thread has done.
pub(super) fn note(what: String) {
    add(what, None);
}

/// As [`note`], for something that stands in a file.
pub(super) fn note_at(what: String, place: &Location<'_>) {
    let file = Path::new(place.file()).file_name().unwrap_or_default();
    add(what, Some(format!("{}:{}", file.display(), place.line())));
}

fn add(what: String, place: Option<String>) {
    let current = loom::thread::current();
    let mut diary = DIARY.lock().unwrap_or_else(PoisonError::into_inner);
    let who = current.name().unwrap_or(diary.teller).to_owned();
    diary.entries.push(Entry { who, what, place });
}

/// Whether no lock has been met.
pub(super) fn is_empty() -> bool {
    let diary = DIARY.lock().unwrap_or_else(PoisonError::into_inner);
    diary.entries.iter().all(|entry| entry.place.is_none())
}

/// The story, a line a step.
pub(super) fn read() -> Vec<String> {
    let diary = DIARY.lock().unwrap_or_else(PoisonError::into_inner);
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
    if diary.entries.len() > TOLD {
        lines.push(format!("… and {} more steps", diary.entries.len() - TOLD));
    }
    lines
}
