//! What a file takes from `std` itself although a model has to provide it: looked up in the file's text.
//!
//! Invariant: what is named here is there. What is hidden well enough, behind a name of one's own, is not found.

/// Something that a model of threads cannot follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The line, from 1.
    pub line: usize,
    /// As it stands there in full: `std::sync::atomic::AtomicBool`.
    pub path: String,
}

/// A word or a sign of a file, and its line.
type Piece<'a> = (&'a str, usize);

/// The first thing in `source` that comes from `std` and that a model could only see if it came from the model.
#[must_use]
pub fn unseen(source: &str) -> Option<Unseen> {
    let pieces: Vec<_> = pieces(source);
    let begins = |at: &usize| pieces[*at].0 == "std" && (*at == 0 || pieces[at - 1].0 != "::");
    (0..pieces.len()).filter(begins).find_map(|at| {
        let mut paths = Vec::new();
        paths_from(&pieces, at, &[], &mut paths);
        let hidden = |path: &Vec<&str>| is_hidden(&path[1..], &pieces);
        let path = paths.into_iter().find(hidden)?.join("::");
        let line = pieces[at].1;
        Some(Unseen { line, path })
    })
}

/// Whether a path, without its `std`, leads to what waits, or to what is told by other means than a model's.
fn is_hidden(path: &[&str], pieces: &[Piece<'_>]) -> bool {
    let sleeps = |word: &str| matches!(word, "park" | "park_timeout" | "current" | "Thread");
    match path {
        ["sync", "Mutex" | "Condvar", ..] => true,
        ["sync", "atomic"] => pieces.iter().any(|(word, _)| word.starts_with("Atomic")),
        ["sync", "atomic", what, ..] => what.starts_with("Atomic"),
        ["thread"] => pieces
            .windows(3)
            .any(|three| three[0].0 == "thread" && three[1].0 == "::" && sleeps(three[2].0)),
        ["thread", what, ..] => sleeps(what),
        _ => false,
    }
}

/// Every path that begins at `at`, whose own beginning is `before`; returns where they end.
fn paths_from<'a>(
    pieces: &[Piece<'a>],
    mut at: usize,
    before: &[&'a str],
    paths: &mut Vec<Vec<&'a str>>,
) -> usize {
    let word = |at: usize| pieces.get(at).map_or("", |(word, _)| *word);
    let mut path = before.to_vec();
    loop {
        match word(at) {
            "{" => {
                at += 1;
                while !matches!(word(at), "}" | "") {
                    let end = paths_from(pieces, at, &path, paths);
                    // A rename, and the comma.
                    at = (end..pieces.len())
                        .find(|at| matches!(word(*at), "," | "}"))
                        .unwrap_or(pieces.len());
                    at += usize::from(word(at) == ",");
                }
                return at + 1;
            }
            "self" | "*" => {}
            segment => path.push(segment),
        }
        at += 1;
        if word(at) != "::" {
            paths.push(path);
            return at;
        }
        at += 1;
    }
}

/// The words and signs of a file, without its comments.
fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (line, text) in (1..).zip(source.lines()) {
        let mut rest = text.split("//").next().unwrap_or_default();
        while let Some(sign) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let end = match sign {
                _ if is_word(sign) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => sign.len_utf8(),
            };
            if !sign.is_whitespace() {
                pieces.push((&rest[..end], line));
            }
            rest = &rest[end..];
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Option<(usize, String)> {
        unseen(source).map(|unseen| (unseen.line, unseen.path))
    }

    #[test]
    fn what_the_parker_is_given_is_seen() {
        let given = "use std::sync::Arc;\nuse std::time::Duration;\nuse std::thread;\n\
                     use super::sync::atomic::{AtomicBool, Ordering};\nuse super::sync::{Condvar, Mutex, thread};\n\
                     // not std::sync::Mutex\nfn park() { std::thread::sleep(TIME) }";
        assert_eq!(found(given), None);
        assert_eq!(
            found("use std::sync::atomic::Ordering::{self, SeqCst};"),
            None
        );
    }

    #[test]
    fn an_atomic_is_named_by_its_path_and_line() {
        let nested = "use std::{\n    sync::{\n        Arc as A,\n        atomic::{AtomicBool, Ordering},\n    },\n};";
        let path = "std::sync::atomic::AtomicBool".to_owned();
        assert_eq!(found(nested), Some((1, path.clone())));
        assert_eq!(
            found("\nfn f(a: &std::sync::atomic::AtomicBool) {}"),
            Some((2, path))
        );
        let module = "use std::sync::{Arc, atomic};\nstruct P(atomic::AtomicU32);";
        assert_eq!(found(module), Some((1, "std::sync::atomic".into())));
    }

    #[test]
    fn a_lock_and_a_park_are_named_too() {
        let lock = found("use std::sync::{Arc, Condvar};").expect("a condition variable");
        assert_eq!(lock.1, "std::sync::Condvar");
        let park = found("use std::thread;\nfn f() { thread::park(); }").expect("a park");
        assert_eq!(park.1, "std::thread");
        assert_eq!(
            found("use std::thread::{self, Thread};")
                .expect("a thread")
                .1,
            "std::thread::Thread"
        );
    }
}
