//! Red: the words for a program that does not do what it owes.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::diagnosis;
use crate::kernel::threads::{Call, Thread};
use crate::machine_check::Suspect;
use crate::program::Program;
use crate::program::exit::{self, Panic};
use crate::program::patience::LAST_WORDS;
use crate::verdict::stop::Stop;
use crate::verdict::{Cause, Failure};
use crate::wait;

/// How often a program that was too slow is looked at, and with which pause.
const LOOKS: usize = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

impl Program {
    /// A red verdict on what the check has just seen of this program. When the program has ended,
    /// was killed for taking too much, or ran into a `todo!`, the verdict says that first.
    #[must_use]
    pub fn red(&self, saw: impl Into<String>) -> Stop {
        let mut failure = Failure {
            saw: saw.into(),
            ..Failure::default()
        };
        if self.0.cut_short.load(Ordering::SeqCst) {
            let Some((dawdles, cause)) = self.dawdles() else {
                return Stop::CouldNotJudge(
                    "the check's time was up before the program had done what the check waits for: the program, or this \
                     machine just now, is too slow".into(),
                );
            };
            failure.saw = format!("{dawdles}; {}", failure.saw);
            failure.cause = Some(cause);
        }
        // A connection breaks a moment before the process that breaks it has ended, and the last
        // lines of its output come later still.
        let soon = Instant::now() + Duration::from_millis(200);
        if wait::until(soon, || self.ended()).is_some() {
            wait::until(soon + LAST_WORDS, || self.is_over().then_some(()));
        }
        let panics = self.panics();
        failure.panics = panics.iter().map(|panic| panic.message.clone()).collect();
        if let Some(unwritten) = panics.iter().find_map(Panic::unwritten) {
            failure.expected = "your program gets past this point".into();
            failure.saw = format!("it stopped at todo!(\"{}\")", unwritten.words);
            failure.why = "this part is not written yet".into();
            failure.look = format!("{}:{}", unwritten.file, unwritten.line);
            failure.unwritten = Some(unwritten);
            return failure.into();
        }
        if let Some(excess) = self.0.excess.get() {
            failure.saw = excess.to_string();
        } else if let Some(status) = self.ended() {
            let words = self.0.stderr.last();
            let story = exit::story(status, panics.last(), words.last());
            failure.panic = panics.last().map(Panic::told).map(Box::new);
            failure.cause = Some(Cause::Ended);
            if exit::is_interrupted(&story) {
                failure.why = exit::INTERRUPTED_WHY.into();
                failure.look = exit::INTERRUPTED_LOOK.into();
                failure.given.why = true;
            }
            failure.saw = format!("{story}; {}", failure.saw);
        } else if let Some(panic) = panics.last() {
            failure.panic = Some(Box::new(panic.told()));
            failure.saw = format!(
                "{}; a thread panicked at {}:{}: {}",
                failure.saw, panic.file, panic.line, panic.message
            );
        }
        if let Some(excuse) = self.excuse(&failure.saw) {
            return Stop::CouldNotJudge(excuse);
        }
        failure.autopsy = diagnosis::of(self.0.pid, self.listens());
        failure
            .autopsy
            .extend(diagnosis::last_words(self.last_lines()));
        failure.autopsy.extend(self.0.seed.tell());
        failure.into()
    }

    /// Says so when the program is slow because it sleeps: in nearly all looks bytes lie unread at
    /// one of its sockets and no thread of it is awake, in a sleep that time ends. On a slow
    /// machine the bytes would have woken it: it would be awake, or wait for a core.
    fn dawdles(&self) -> Option<(String, Cause)> {
        // A futex with a time-out is where the threads of a pool wait for a job.
        let timed = |t: &Thread| t.has_a_time_out() && t.call != Call::Futex;
        let mut dozing = Vec::new();
        for _ in 0..LOOKS {
            let asleep = self
                .asleep()
                .filter(|_| diagnosis::bytes_lie_unread(self.0.pid));
            dozing.extend(asleep.unwrap_or_default().into_iter().find(timed));
            thread::sleep(BETWEEN_LOOKS);
        }
        let last = dozing.last().filter(|_| dozing.len() * 4 >= LOOKS * 3)?;
        let cause = match last.call {
            Call::Sleep => Cause::Elsewhere,
            _ => Cause::TimeOut,
        };
        let (looks, call, time_out) = (dozing.len(), last.call.name(), last.tell_time_out());
        let saw = format!(
            "when the check's time was up, bytes lay unread and the program was asleep in {looks} of {LOOKS} looks, in \
             {call}{time_out}"
        );
        Some((saw, cause))
    }

    /// Names the limit of this machine that the program has come up against, if there is one; `saw`
    /// is the fault that the check has seen.
    pub(crate) fn excuse(&self, saw: &str) -> Option<String> {
        let mut said = self.last_lines().concat();
        said.push(saw.to_owned());
        let suspect = Suspect {
            pid: self.0.pid,
            ended: self.ended(),
            said: &said,
            is_held_short: self.0.held_short.load(Ordering::SeqCst),
        };
        suspect.excuse()
    }
}
