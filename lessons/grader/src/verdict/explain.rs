//! A check's own words for what went wrong in a step of it.

use crate::verdict::stop::{Checked, Stop};
use crate::verdict::{Cause, Failure};

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

/// A check's own words for what went wrong in a step of it.
pub trait Explain: Sized {
    /// Says of a red step what had to hold, why this usually happens, and where to look. What was *seen* stays as it
    /// is; so does the story of a `todo!` that the program ran into.
    fn explain(self, expected: &str, why: &str, look: &str) -> Self;

    /// Why, and where to look, if this kind of thing was seen. Words that come later leave these as they are.
    fn explain_when(self, cause: Cause, why: &str, look: &str) -> Self;

    /// Why, and where to look, if the program has told of a panic that says `words`, in whatever thread, whether it has
    /// ended by it or not. Words that come later leave these as they are.
    fn explain_panic(self, words: &str, why: &str, look: &str) -> Self;

    /// What the kit says of a program that has ended, or that sleeps somewhere else, where a check's own words are about
    /// neither.
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
    }

    /// As [`Explain::explain`], in words that are chosen by what was seen.
    fn explain_by(self, moral: impl FnOnce(&Failure) -> Explanation) -> Self;

    /// As [`Explain::explain`], for what nobody has explained yet: some steps know their cause themselves.
    fn explain_rest(self, expected: &str, why: &str, look: &str) -> Self;
}

impl Stop {
    /// As [`Explain::explain`], for a verdict that is at hand.
    #[must_use]
    pub fn explained(self, expected: &str, why: &str, look: &str) -> Self {
        match self {
            Self::Red(mut failure) if failure.unwritten.is_none() => {
                expected.clone_into(&mut failure.expected);
                if !failure.settled {
                    why.clone_into(&mut failure.why);
                    look.clone_into(&mut failure.look);
                }
                Self::Red(failure)
            }
            other => other,
        }
    }

    /// Gives it words that later ones leave as they are, if `seen` is so and it has none of that kind yet.
    fn settled_if(self, seen: impl FnOnce(&Failure) -> bool, why: &str, look: &str) -> Self {
        match self {
            Self::Red(mut failure)
                if failure.unwritten.is_none() && !failure.settled && seen(&failure) =>
            {
                why.clone_into(&mut failure.why);
                look.clone_into(&mut failure.look);
                failure.settled = true;
                Self::Red(failure)
            }
            other => other,
        }
    }
}

impl<T> Explain for Checked<T> {
    fn explain(self, expected: &str, why: &str, look: &str) -> Self {
        self.map_err(|stop| stop.explained(expected, why, look))
    }

    fn explain_when(self, cause: Cause, why: &str, look: &str) -> Self {
        self.map_err(|stop| stop.settled_if(|seen| seen.cause == Some(cause), why, look))
    }

    fn explain_panic(self, words: &str, why: &str, look: &str) -> Self {
        let said = |seen: &Failure| seen.panics.iter().any(|panic| panic.contains(words));
        self.map_err(|stop| stop.settled_if(said, why, look))
    }

    fn explain_by(self, moral: impl FnOnce(&Failure) -> Explanation) -> Self {
        self.map_err(|stop| {
            let Stop::Red(failure) = stop else {
                return stop;
            };
            let Explanation {
                expected,
                why,
                look,
            } = moral(&failure);
            Stop::Red(failure).explained(expected, why, look)
        })
    }

    fn explain_rest(self, expected: &str, why: &str, look: &str) -> Self {
        self.map_err(|stop| match stop {
            Stop::Red(failure) if !failure.why.is_empty() && !failure.settled => Stop::Red(failure),
            other => other.explained(expected, why, look),
        })
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
            let panicked = checked.explain_panic("no reactor", "no context", "the place");
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
    fn what_a_step_has_explained_is_left_so_by_what_explains_the_rest() {
        let step = red(None).explain("one poll", "asked too often", "the loop");
        let told = words(step.explain_rest("an end", "lost", "the flag"));
        assert_eq!(told, ["one poll", "asked too often", "the loop"]);
        let told = words(red(None).explain_rest("an end", "lost", "the flag"));
        assert_eq!(told, ["an end", "lost", "the flag"]);
    }
}
