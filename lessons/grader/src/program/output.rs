//! The output of a program: drained as it comes, kept by line, bounded.
//!
//! Invariant: a program never waits because its output is not read, unless a check wants it to, and
//! its output never takes more memory than the bounds below.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::mutex::lock;
use crate::program::reads::Reads;
use crate::protocol::STEP;

/// Lines kept from the beginning, where addresses stand.
const FIRST_LINES: usize = 1000;
/// Lines kept from the end, where panics stand.
const LAST_LINES: usize = 50;
/// Bytes kept from the beginning of one line.
const LINE_BYTES: usize = 1000;
/// What the kit itself writes into a program's pipe; it is taken out again.
pub(crate) const FILLER: u8 = 0;

/// One stream of a program's output, drained by a thread of its own.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// The lines that are kept; the draining thread adds to them.
    lines: Mutex<Lines>,
    /// Every byte ever printed, kept or not; it grows before `lines` is locked.
    bytes: AtomicU64,
    /// Notified by the draining thread after `lines` has grown; waited for with `lines`.
    grown: Condvar,
    /// Whether the draining thread is to read, and whether it does.
    hold: Mutex<Hold>,
    /// Notified when `hold` has changed.
    held: Condvar,
}

/// Whether the draining thread reads.
#[derive(Debug, Default)]
struct Hold {
    /// Set and unset by a check.
    wanted: bool,
    /// Set by the draining thread as long as it waits, and unset when it goes on.
    made: bool,
}

#[derive(Debug, Default)]
struct Lines {
    /// The first complete lines, at most `FIRST_LINES`.
    first: Vec<String>,
    /// The latest complete lines, at most `LAST_LINES`; they overlap `first` while there are few.
    last: VecDeque<String>,
    /// How many lines were completed so far, kept or not; it only grows.
    completed: u64,
    /// The lines `read N bytes` among all that were completed, kept or not.
    reads: Reads,
    /// The words of the latest step that was printed, however many lines came after it; `None`
    /// before the first.
    step: Option<String>,
    /// The beginning of the line that is not complete yet, at most `LINE_BYTES`.
    begun: Vec<u8>,
    /// How many bytes of filler are still to be taken out.
    filler: usize,
    /// Set when the program and all it started have closed the stream; never unset.
    closed: bool,
}

impl Output {
    /// Drains `stream` until the program and all it started have closed it.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(crate) fn drain(mut stream: impl Read + Send + 'static) -> io::Result<Arc<Self>> {
        let output = Arc::new(Self::default());
        let kept = Arc::clone(&output);
        thread::Builder::new().spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(n @ 1..) = stream.read(&mut buffer) {
                kept.bytes.fetch_add(n as u64, Ordering::SeqCst);
                kept.lock().keep(&buffer[..n]);
                kept.grown.notify_all();
                kept.pause_while_held();
            }
            let mut lines = kept.lock();
            lines.end_line();
            lines.closed = true;
        })?;
        Ok(output)
    }

    fn pause_while_held(&self) {
        let mut hold = lock(&self.hold);
        hold.made = hold.wanted;
        while hold.wanted {
            hold = self.held.wait(hold).unwrap_or_else(PoisonError::into_inner);
        }
        hold.made = false;
    }

    /// Has the draining thread read nothing more after the next bytes that it gets, or go on.
    pub(crate) fn hold(&self, wanted: bool) {
        lock(&self.hold).wanted = wanted;
        self.held.notify_all();
    }

    /// Whether the draining thread has come to its pause.
    pub(crate) fn is_held(&self) -> bool {
        lock(&self.hold).made
    }

    /// Expects so many further bytes of filler among what is read.
    pub(crate) fn expect_filler(&self, bytes: usize) {
        self.lock().filler += bytes;
    }

    /// Expects fewer: the pipe had no room for them.
    pub(crate) fn expect_less_filler(&self, bytes: usize) {
        self.lock().filler -= bytes;
    }

    /// How many bytes were printed so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }

    /// Waits at most `at_most` until more than `bytes` were printed, and returns whether they were.
    pub(crate) fn waits_beyond(&self, bytes: u64, at_most: Duration) -> bool {
        let silent = |_: &mut Lines| self.bytes() <= bytes;
        let waited = self.grown.wait_timeout_while(self.lock(), at_most, silent);
        drop(waited);
        self.bytes() > bytes
    }

    /// How many lines were printed so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lock().completed
    }

    /// The first complete lines, in order.
    pub(crate) fn first(&self) -> Vec<String> {
        self.lock().first.clone()
    }

    /// The latest complete lines, in order.
    pub(crate) fn last(&self) -> Vec<String> {
        self.lock().last.iter().cloned().collect()
    }

    /// What its lines `read N bytes` say, all of them.
    pub(crate) fn reads(&self) -> Reads {
        self.lock().reads
    }

    /// The latest step that was printed ([`Steps::now`](crate::Steps::now)).
    pub(crate) fn step(&self) -> Option<String> {
        self.lock().step.clone()
    }

    /// Whether everything that will ever be printed has been.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// The first result that `found` gives for a line, among those kept from the beginning and from
    /// the end.
    pub(crate) fn find<T>(&self, found: impl Fn(&str) -> Option<T>) -> Option<T> {
        let lines = self.lock();
        let mut kept = lines.first.iter().chain(&lines.last);
        kept.find_map(|line| found(line))
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        lock(&self.lines)
    }
}

impl Lines {
    fn keep(&mut self, bytes: &[u8]) {
        let mut own = Vec::new();
        let bytes = if self.filler == 0 {
            bytes
        } else {
            for byte in bytes {
                if self.filler > 0 && *byte == FILLER {
                    self.filler -= 1;
                } else {
                    own.push(*byte);
                }
            }
            &own
        };
        let mut pieces = bytes.split(|b| *b == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            let room = LINE_BYTES.saturating_sub(self.begun.len());
            self.begun
                .extend_from_slice(&piece[..piece.len().min(room)]);
            if pieces.peek().is_some() {
                self.complete_line();
            }
        }
    }

    fn end_line(&mut self) {
        if !self.begun.is_empty() {
            self.complete_line();
        }
    }

    fn complete_line(&mut self) {
        let line = String::from_utf8_lossy(&self.begun)
            .trim_end_matches('\r')
            .to_owned();
        self.begun.clear();
        self.completed += 1;
        self.reads.hear(&line);
        if let Some(words) = line.strip_prefix(STEP) {
            self.step = Some(words.to_owned());
        }
        if self.first.len() < FIRST_LINES {
            self.first.push(line.clone());
        }
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::wait;

    #[test]
    fn lines_are_kept_whole_and_bounded() {
        let mut text: String = (0..5000).map(|n| format!("line {n}\n")).collect();
        let middle = text.find("line 2500").expect("it is there");
        text.insert_str(middle, "read 5 bytes\n");
        let all = text + &"x".repeat(5000) + "\nlast, unfinished \u{fffd}";
        let output =
            Output::drain(std::io::Cursor::new(all.clone().into_bytes())).expect("a thread");
        wait::until(Instant::now() + wait::PATIENCE, || {
            output.is_closed().then_some(())
        })
        .expect("drained");
        assert_eq!(output.bytes(), all.len() as u64);
        assert_eq!(output.first().len(), FIRST_LINES);
        assert_eq!(
            output.find(|line| line.strip_prefix("line 7").map(str::to_owned)),
            Some(String::new())
        );
        assert_eq!(
            output.find(|line| (line == "line 4990").then_some("from the end")),
            Some("from the end")
        );
        assert_eq!(
            output.reads().bytes,
            5,
            "from the middle, which is not kept"
        );
        let last = output.last();
        assert_eq!(last.len(), LAST_LINES);
        assert_eq!(last[LAST_LINES - 2].len(), LINE_BYTES);
        assert_eq!(last[LAST_LINES - 1], "last, unfinished \u{fffd}");
    }
}
