//! A check's own words for what went wrong in a step of it.
//!
//! Invariant: the first words stay. A step explains before the check around it, and in one chain
//! the special case (`explain_when`, `plainly`) comes before the general one (`explain`); later
//! words fill only what nobody has explained yet.

use crate::verdict::stop::{Checked, Stop};
use crate::verdict::{Cause, Failure, Given};

/// What a check says of a red step, where it has several and chooses by what was seen.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// What had to hold.
    pub expected: &'static str,
    /// Why this usually happens.
    pub why: &'static str,
    /// Where to look.
    pub look: &'static str,
}

/// Something that may have been seen, and that a check has words of its own for.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// This kind of thing.
    Cause(Cause),
    /// A panic that says these words, in whatever thread, whether the program has ended by it or
    /// not.
    Panic(&'a str),
}

impl From<Cause> for Seen<'_> {
    fn from(cause: Cause) -> Self {
        Self::Cause(cause)
    }
}

impl Seen<'_> {
    fn is_in(self, failure: &Failure) -> bool {
        match self {
            Self::Cause(cause) => failure.cause == Some(cause),
            Self::Panic(words) => failure.panics.iter().any(|panic| panic.contains(words)),
        }
    }
}

/// Words for a red step; anything else is left as it is. What was *seen* always stays, and so does
/// the story of a `todo!` that the program ran into.
pub trait Explain: Sized {
    /// What had to hold, why this usually happens, and where to look: as far as nobody has said so
    /// yet.
    fn explain(self, expected: &str, why: &str, look: &str) -> Self;

    /// Words for a step that several checks share: what is explained of it later takes their place.
    fn suggest(self, expected: &str, why: &str, look: &str) -> Self;

    /// Why, and where to look, if this was seen and nobody has said so yet.
    fn explain_when<'a>(self, seen: impl Into<Seen<'a>>, why: &str, look: &str) -> Self;

    /// As [`Explain::explain`], in words that are chosen by what was seen.
    fn explain_by(self, explanation: impl FnOnce(&Failure) -> Explanation) -> Self;

    /// What the kit says of a program that has ended, that sleeps somewhere else, with a time-out
    /// or in a lock, where a check's own words are about none of these.
    fn plainly(self) -> Self {
        self.explain_when(
            Cause::Ended,
            "a program that has ended serves nobody, whatever else is right in it. The line above says how it ended: by a \
             panic, by an error that went up to `main`, or because `main` had nothing left to do",
            "where that comes from, and what could be done there other than to end",
        )
        .explain_when(
            Cause::Elsewhere,
            "asleep in that call, a thread hears of one thing only, whatever else happens meanwhile. A socket that blocks \
             brings it there, and so does a pause or a lock of the program's own",
            "who makes the call that the autopsy names, and on what",
        )
        .explain_when(
            Cause::TimeOut,
            "a time-out wakes the program although nothing has happened, now or in an hour, and helps nobody: every event ends \
             the sleep by itself. Only where something is due at a known time does a sleep need an end",
            "the time-out of the call that the program sleeps in, and what it is there for",
        )
        .explain_when(
            Cause::Locked,
            "a thread waits in futex: for a lock that another thread holds, or that this one holds already, or for a thread \
             that it wants to see ended. While it waits there it serves nobody",
            "which locks are held across a call that waits, and which threads are joined",
        )
    }
}

/// The kit's own words where it has said nothing more precise already.
pub(crate) trait SuggestRest {
    /// As [`Explain::suggest`], unless it has been suggested why.
    fn suggest_rest(self, expected: &str, why: &str, look: &str) -> Self;
}

impl Explain for Stop {
    fn explain(self, expected: &str, why: &str, look: &str) -> Self {
        self.changed(|failure| {
            failure.suggest(expected, why, look);
            failure.given = Given {
                expected: true,
                why: true,
            };
        })
    }

    fn suggest(self, expected: &str, why: &str, look: &str) -> Self {
        self.changed(|failure| failure.suggest(expected, why, look))
    }

    fn explain_when<'a>(self, seen: impl Into<Seen<'a>>, why: &str, look: &str) -> Self {
        let seen = seen.into();
        self.changed(|failure| {
            if !failure.given.why && seen.is_in(failure) {
                why.clone_into(&mut failure.why);
                look.clone_into(&mut failure.look);
                failure.given.why = true;
            }
        })
    }

    fn explain_by(self, explanation: impl FnOnce(&Failure) -> Explanation) -> Self {
        let Self::Red(failure) = &self else {
            return self;
        };
        let Explanation {
            expected,
            why,
            look,
        } = explanation(failure);
        self.explain(expected, why, look)
    }
}

impl<T> Explain for Checked<T> {
    fn explain(self, expected: &str, why: &str, look: &str) -> Self {
        self.map_err(|stop| stop.explain(expected, why, look))
    }

    fn suggest(self, expected: &str, why: &str, look: &str) -> Self {
        self.map_err(|stop| stop.suggest(expected, why, look))
    }

    fn explain_when<'a>(self, seen: impl Into<Seen<'a>>, why: &str, look: &str) -> Self {
        self.map_err(|stop| stop.explain_when(seen, why, look))
    }

    fn explain_by(self, explanation: impl FnOnce(&Failure) -> Explanation) -> Self {
        self.map_err(|stop| stop.explain_by(explanation))
    }
}

impl<T> SuggestRest for Checked<T> {
    fn suggest_rest(self, expected: &str, why: &str, look: &str) -> Self {
        match &self {
            Err(Stop::Red(failure)) if !failure.why.is_empty() && !failure.given.why => self,
            _ => self.suggest(expected, why, look),
        }
    }
}

impl Stop {
    /// Changes a failure, unless it is the story of a `todo!`.
    fn changed(mut self, change: impl FnOnce(&mut Failure)) -> Self {
        if let Self::Red(failure) = &mut self
            && failure.unwritten.is_none()
        {
            change(failure);
        }
        self
    }
}

impl Failure {
    fn suggest(&mut self, expected: &str, why: &str, look: &str) {
        if !self.given.expected {
            expected.clone_into(&mut self.expected);
        }
        if !self.given.why {
            why.clone_into(&mut self.why);
            look.clone_into(&mut self.look);
        }
    }

    /// Takes all the words that it has for given: they were, in the process that it comes from.
    pub(crate) fn with_its_words_given(mut self) -> Self {
        self.given = Given {
            expected: !self.expected.is_empty(),
            why: !self.why.is_empty(),
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Unwritten;

    fn red(cause: Option<Cause>) -> Checked {
        Err(Stop::from(Failure::default()).caused(cause))
    }

    /// Expected, why, look.
    fn words(checked: Checked) -> [String; 3] {
        match checked {
            Err(Stop::Red(failure)) => [failure.expected, failure.why, failure.look],
            other => panic!("not red: {other:?}"),
        }
    }

    #[test]
    fn words_for_a_kind_of_thing_stay_and_the_check_says_what_was_expected() {
        let spins = red(Some(Cause::Spins)).explain_when(Cause::Spins, "it spins", "the loop");
        let told = words(
            spins
                .plainly()
                .explain("it sleeps", "a time-out", "the call"),
        );
        assert_eq!(told, ["it sleeps", "it spins", "the loop"]);
        let other = red(None).explain_when(Cause::Spins, "it spins", "the loop");
        let told = words(other.explain("it sleeps", "a time-out", "the call"));
        assert_eq!(told, ["it sleeps", "a time-out", "the call"]);
    }

    #[test]
    fn words_for_a_panic_stay_whatever_else_was_seen() {
        let broken = |panic: &str| -> Checked {
            Err(Stop::from(Failure {
                cause: Some(Cause::HungUp),
                panics: vec![panic.into(), "a later one".into()],
                ..Failure::default()
            }))
        };
        let told = |checked: Checked| {
            let panicked =
                checked.explain_when(Seen::Panic("no reactor"), "no context", "the place");
            let explained = panicked.explain_when(Cause::HungUp, "hung up on", "the owner");
            words(explained.explain("an echo", "", ""))
        };
        let there_is_none = broken("there is no reactor running");
        assert_eq!(told(there_is_none), ["an echo", "no context", "the place"]);
        assert_eq!(
            told(broken("other")),
            ["an echo", "hung up on", "the owner"]
        );
    }

    #[test]
    fn the_story_of_a_todo_stays_whatever_else_was_seen() {
        let todo = Failure {
            why: "not written yet".into(),
            unwritten: Some(Unwritten {
                words: "echo".into(),
                file: "src/main.rs".into(),
                line: 3,
            }),
            ..Failure::default()
        };
        let hung_up: Checked = Err(Stop::from(todo).caused(Some(Cause::HungUp)));
        let explained = hung_up.explain_when(Cause::HungUp, "hung up on", "the owner");
        let told = words(explained.explain("an echo", "", ""));
        assert_eq!(told, ["", "not written yet", ""]);
    }

    #[test]
    fn the_words_nearest_to_what_was_seen_stay_and_suggestions_do_not() {
        let suggested = red(None).suggest("an echo", "", "the loop");
        let step = suggested.explain("one poll", "asked too often", "the flag");
        let told = words(step.explain("an end", "lost", "the queue"));
        assert_eq!(told, ["one poll", "asked too often", "the flag"]);
        let told = words(red(None).suggest("an echo", "", "the loop"));
        assert_eq!(told, ["an echo", "", "the loop"]);
    }
}
