//! How a program ended: its panics, read from its standard error, and its end in one sentence.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::program::limits;
use crate::verdict::{Panicked, Unwritten};

/// A panic, read from a program's standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panic {
    /// The first line of its message.
    pub(crate) message: String,
    /// The file, as the compiler names it.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: u32,
}

impl Panic {
    /// The `todo!` that has panicked, if the panic is from one.
    pub(crate) fn unwritten(&self) -> Option<Unwritten> {
        let words = self
            .message
            .strip_prefix("not yet implemented")?
            .trim_start_matches(": ");
        Some(Unwritten {
            words: words.to_owned(),
            file: self.file.clone(),
            line: self.line,
        })
    }

    /// The panic as a verdict carries it.
    pub(crate) fn told(&self) -> Panicked {
        Panicked {
            message: self.message.clone(),
            file: self.file.clone(),
            line: self.line,
        }
    }

    /// Whether a check or the kit panicked, and not the code under judgement.
    pub(crate) fn is_the_graders(&self) -> bool {
        self.file.contains("/tests/grade") || self.file.contains("lessons/grader/src/")
    }
}

/// Every panic among these lines: `thread 'main' (7) panicked at src/main.rs:3:5:`, and the message
/// on the next line.
pub(crate) fn panics(lines: &[String]) -> Vec<Panic> {
    let place = |line: &str| {
        let (_, place) = line.split_once("panicked at ")?;
        let (place, _column) = place.strip_suffix(':')?.rsplit_once(':')?;
        let (file, line) = place.rsplit_once(':')?;
        Some((file.to_owned(), line.parse().ok()?))
    };
    lines
        .iter()
        .enumerate()
        .filter_map(|(i, line)| {
            let (file, line) = place(line)?;
            let message = lines.get(i + 1).cloned().unwrap_or_default();
            Some(Panic {
                message,
                file,
                line,
            })
        })
        .collect()
}

/// Tells of an ended program in one sentence without a full stop.
pub(crate) fn story(
    status: ExitStatus,
    last_panic: Option<&Panic>,
    last_word: Option<&String>,
) -> String {
    if let Some(panic) = last_panic {
        return format!(
            "the program panicked at {}:{}: {}",
            panic.file, panic.line, panic.message
        );
    }
    match (status.code(), status.signal()) {
        (Some(0), _) => {
            "the program ended by itself, with exit code 0, as if its work were done".into()
        }
        (Some(code), _) => {
            let said = last_word
                .map(|word| format!(", saying `{word}`"))
                .unwrap_or_default();
            format!("the program ended by itself, with exit code {code}{said}")
        }
        (_, Some(signal)) => limits::file_too_long(signal)
            .unwrap_or_else(|| format!("the program was ended by signal {signal}")),
        _ => "the program ended".into(),
    }
}

/// The words for a program that takes the error of an interrupted call for a failure. They fit
/// every check: many checks stop and continue the program, so that several things arrive in one
/// moment.
pub(crate) const INTERRUPTED_WHY: &str = "this check stops and continues your program, as Ctrl-Z and `fg` do. A stop \
    ends the sleep: the call returns EINTR, which is ErrorKind::Interrupted, and it means only that nothing has \
    happened yet";
/// Where the learner should look then.
pub(crate) const INTERRUPTED_LOOK: &str =
    "what you do with an error of the call that waits for events";

/// Whether a program ended because a call was interrupted, as the story of its end tells.
pub(crate) fn is_interrupted(story: &str) -> bool {
    story.contains("kind: Interrupted") || story.contains("(os error 4)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_place_and_message_and_whether_it_is_a_todo() {
        let lines = [
            "some output",
            "thread 'main' (123) panicked at lessons/06-echo-server/src/server.rs:41:9:",
            "not yet implemented: accept every pending client",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        ]
        .map(str::to_owned);
        let panics = panics(&lines);
        assert_eq!(panics.len(), 1);
        let todo = panics[0].unwritten().expect("a todo");
        assert_eq!(
            (todo.words.as_str(), todo.line),
            ("accept every pending client", 41)
        );
        assert_eq!(todo.file, "lessons/06-echo-server/src/server.rs");
    }

    #[test]
    fn a_panic_of_the_check_is_none_of_the_learners() {
        let is_the_graders = |file: &str| {
            let line = format!("thread 'main' (7) panicked at {file}:3:5:");
            panics(&[line])[0].is_the_graders()
        };
        assert!(is_the_graders("lessons/07-futures/tests/grade.rs"));
        assert!(is_the_graders(
            "/home/me/course/lessons/09-reactor/tests/grade/ending.rs"
        ));
        assert!(is_the_graders("lessons/grader/src/wait.rs"));
        assert!(!is_the_graders("lessons/07-futures/src/parker.rs"));
    }

    #[test]
    fn an_interrupted_call_is_known_by_its_debug_and_by_its_display() {
        assert!(is_interrupted(
            "saying `Error: Os { code: 4, kind: Interrupted, message: .. }`"
        ));
        assert!(is_interrupted(
            "saying `Interrupted system call (os error 4)`"
        ));
        assert!(!is_interrupted(
            "saying `Error: Os { code: 104, kind: ConnectionReset }`"
        ));
    }
}
