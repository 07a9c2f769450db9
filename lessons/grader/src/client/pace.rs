//! Pace: how long a client waits for its answers, before some trouble and while it lasts.
//!
//! Invariant: only a program that is slow in most of twenty messages is slow, and only beside its
//! own pace of before. A machine that is slow, or busy for a moment, makes no program so.

use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::check::Check;
use crate::client::{Client, ready};
use crate::kernel::threads::{Call, Thread};
use crate::verdict::Cause;
use crate::verdict::stop::Checked;

/// How many messages are sent, one after the other, and how long each is, in bytes.
const MESSAGES: usize = 20;
const MESSAGE_BYTES: usize = 64;
/// A median below this is never slow.
const QUICK: Duration = Duration::from_millis(100);
/// A median of more than so many times the earlier one is slow.
const SLOWER: u32 = 10;
/// How long an answer is waited for before the program is looked at.
const LOOK_AFTER: Duration = Duration::from_millis(1);

/// The pace of a program, as one client has seen it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Half of the messages waited longer for their answers.
    median: Duration,
}

impl Client {
    /// Sends twenty messages, each after the answer to the one before.
    ///
    /// # Errors
    /// Red, when an answer is wrong or does not come, and when the program makes a pause while a
    /// message lies unread.
    pub fn pace(&mut self, check: &mut Check) -> Checked<Pace> {
        let mut waited = Vec::with_capacity(MESSAGES);
        for _ in 0..MESSAGES {
            let message = check.payload(MESSAGE_BYTES);
            let begun = Instant::now();
            self.send(&message)?;
            if ready(&self.stream, PollFlags::IN, LOOK_AFTER).is_none()
                && let Some(thread) = self.pauses_over_a_message()
            {
                let call = thread.call.name();
                let saw =
                    format!("a client's bytes lay unread while a thread made a pause in {call}");
                return self.red_of_program(saw, Cause::Elsewhere);
            }
            self.expect(&message)?;
            waited.push(begun.elapsed());
        }
        waited.sort_unstable();
        let median = waited[MESSAGES / 2];
        Ok(Pace { median })
    }

    /// The thread that makes a pause while every thread sleeps and this client's bytes lie unread.
    pub(crate) fn pauses_over_a_message(&self) -> Option<Thread> {
        let unread = || {
            let programs = self.ends().ok()?.programs?;
            (programs.receive_queue > 0).then_some(())
        };
        // In one look alone, a thread may have been on its way out of the sleep.
        let asleep = self.program().asleep()?;
        unread()?;
        let asleep = self.program().asleep().filter(|still| *still == asleep)?;
        unread()?;
        let pauses = |t: &Thread| t.call == Call::Sleep;
        asleep.into_iter().find(pauses)
    }

    /// Has twenty more messages answered, as quickly as `before`.
    ///
    /// # Errors
    /// Red, when an answer is wrong, does not come, or comes much later than before.
    pub fn keeps_pace(&mut self, check: &mut Check, before: &Pace) -> Checked {
        let now = self.pace(check)?;
        if now.median <= QUICK || now.median <= before.median * SLOWER {
            return Ok(());
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let saw = format!(
            "half of {MESSAGES} messages waited longer than {:.0} ms for their answers, and {:.1} ms before",
            milliseconds(now.median),
            milliseconds(before.median)
        );
        self.red_of_program(saw, Cause::Slow)
    }

    /// A red verdict on the program, without words on the bytes of this client.
    fn red_of_program<T>(&self, saw: String, cause: Cause) -> Checked<T> {
        Err(self.program().red(saw).caused(Some(cause)))
    }
}
