//! The log of a program's steps, and the order in which they can be taken.

use grader::reading::{chunk, is_heard_at_once};
use grader::{Checked, Client, Program};

/// A step that stands where it cannot have been taken.
pub(crate) struct Broken {
    /// The line, and those before it.
    pub(crate) saw: String,
    /// What it breaks.
    pub(crate) rule: &'static Rule,
}

/// What holds of every log, and what usually went wrong where it does not.
pub(crate) struct Rule {
    pub(crate) expected: &'static str,
    pub(crate) why: &'static str,
    pub(crate) look: &'static str,
}

const BEGINS_WITH_POLL: Rule = Rule {
    expected: "the first step is `poll`",
    why: "a future does nothing before it is polled: until then nobody has read, and nobody has left a waker",
    look: "what `run` does first",
};

const WOKEN_FIRST: Rule = Rule {
    expected: "after the first, every `poll` has a `wake` between the poll before and itself",
    why: "the wake is the message that a poll is worth while; without it the executor asks on suspicion",
    look: "what makes `run` poll again",
};

const INSIDE_A_POLL: Rule = Rule {
    expected: "`read`, `would-block` and `register` stand inside a poll: after `poll`, before the next `sleep`",
    why: "reading is the future's work, and the future runs only while it is polled. Code that reads at another time \
          takes the bytes away from it",
    look: "who calls `read` on the socket, and when",
};

const REFUSED_AND_REGISTERED: Rule = Rule {
    expected: "a poll that ends in `sleep` contains `would-block` and `register`, in either order",
    why: "`Pending` is a promise in two halves. The refused read makes the kernel owe an event; the waker left behind \
          tells whom the event is for. With one half missing the sleep has no end",
    look: "what your future does before it returns `Pending`, and whether it logs both",
};

const AFTER_SLEEP: Rule = Rule {
    expected: "`event` and `wake` come only after a `sleep`",
    why: "the kernel tells of events while the thread sleeps in the bridge, and in this program an event is the only \
          reason to wake. A future that wakes itself inside the poll is polled again at once, and again, and the \
          thread never sleeps",
    look: "who calls the waker",
};

const EVENT_FIRST: Rule = Rule {
    expected: "each `wake` has an `event` between the latest `sleep` and itself",
    why: "in this program only an event is a reason to wake, and each event is told when the turn meets it, before the \
          waker is called. A turn that has come back without one, after a stop for example, wakes nobody",
    look: "what `turn` does for each event, in which order, and what it does without any",
};

const DONE_LAST: Rule = Rule {
    expected: "`done` is the last step",
    why: "a future that has returned its output is never polled again, and there is nothing left to wait for",
    look: "what happens after the future was ready",
};

/// The steps among the first thousand lines that a program has printed; anything else that it says
/// is free. A program whose buffer is one byte says a line for each, so the talks that are looked
/// at here are short.
pub(crate) fn steps(program: &Program) -> Vec<String> {
    let mut lines = program.lines();
    lines.retain(|line| is_step(line));
    lines
}

/// The client sends, and the program says that it has read all of what this client has ever sent.
pub(crate) fn say(client: &mut Client, words: &[u8]) -> Checked {
    client.send(words)?;
    is_heard_at_once(client)
}

/// The client says goodbye, and the program ends with exit code 0.
pub(crate) fn part(program: &Program, client: &Client) -> Checked {
    client.finish_sending()?;
    match program.ends()?.success() {
        true => Ok(()),
        false => Err(program.red("it does not end well")),
    }
}

/// The first step out of order, if there is one.
pub(crate) fn broken(steps: &[String]) -> Option<Broken> {
    let mut at = Place::default();
    steps.iter().enumerate().find_map(|(line, step)| {
        let rule = at.take(step).err()?;
        let before = steps[line.saturating_sub(6)..line].join(", ");
        let before = match line {
            0 => String::new(),
            1..=6 => format!(", after {before}"),
            _ => format!(", after …, {before}"),
        };
        Some(Broken {
            saw: format!("step {} of the log is `{step}`{before}", line + 1),
            rule,
        })
    })
}

/// Where the log stands.
#[derive(Default)]
struct Place {
    /// Whether there was a first poll.
    begun: bool,
    /// From `poll` until `sleep`.
    inside: bool,
    /// Since the latest poll.
    refused: bool,
    registered: bool,
    slept: bool,
    /// Since the latest sleep.
    told: bool,
    woken: bool,
    done: bool,
}

impl Place {
    fn take(&mut self, step: &str) -> Result<(), &'static Rule> {
        let kept = |holds: bool, rule| if holds { Ok(()) } else { Err(rule) };
        kept(!self.done, &DONE_LAST)?;
        kept(self.begun || step == "poll", &BEGINS_WITH_POLL)?;
        if self.inside && matches!(step, "poll" | "sleep") {
            kept(self.refused && self.registered, &REFUSED_AND_REGISTERED)?;
        }
        match step {
            "poll" => {
                kept(!self.begun || self.woken, &WOKEN_FIRST)?;
                *self = Self {
                    begun: true,
                    inside: true,
                    ..Self::default()
                };
            }
            "sleep" => (self.inside, self.slept, self.told) = (false, true, false),
            "event" => {
                kept(self.slept, &AFTER_SLEEP)?;
                self.told = true;
            }
            "wake" => {
                kept(self.slept, &AFTER_SLEEP)?;
                kept(self.told, &EVENT_FIRST)?;
                self.woken = true;
            }
            "done" => self.done = true,
            inner => {
                kept(self.inside, &INSIDE_A_POLL)?;
                self.refused |= inner == "would-block";
                self.registered |= inner == "register";
            }
        }
        Ok(())
    }
}

fn is_step(line: &str) -> bool {
    const STEPS: [&str; 7] = [
        "poll",
        "would-block",
        "register",
        "sleep",
        "event",
        "wake",
        "done",
    ];
    STEPS.contains(&line) || chunk(line).is_some()
}
