//! What a file takes from `std` itself although a model has to provide it:
//! looked up in the file's text.
//!
//! Invariant: what is named here is there. What is hidden well enough, behind a name of
//! one's own, is not found.

/// Something that a model of threads cannot follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FromStd {
    /// The line, from 1.
    pub(super) line: usize,
    /// As it stands there in full: `std::sync::atomic::AtomicBool`.
    pub(super) path: String,
}

/// A word or a sign of a file, and its line.
type Piece<'a> = (&'a str, usize);

/// Where paths begin under which something waits: `core` has the atomics too.
const ROOTS: [&str; 2] = ["std", "core"];

/// The first thing in `source` that comes from `std` and that a model could only see
/// if it came from the model.
#[must_use]
pub(super) fn first_from_std(source: &str) -> Option<FromStd> {
    let code = code(source);
    let pieces = without_tests(pieces(&code));
    let word = |at: Option<usize>| at.and_then(|at| pieces.get(at)).map_or("", |piece| piece.0);
    // After `::` it begins a path only where that itself does: `use ::std`, and not `my::std`.
    let goes_on = |at: usize| {
        word(at.checked_sub(1)) == "::"
            && word(at.checked_sub(2)).starts_with(is_word)
            && !is_keyword(word(at.checked_sub(2)))
    };
    let begins = |at: &usize| ROOTS.contains(&pieces[*at].0) && !goes_on(*at);
    (0..pieces.len()).filter(begins).find_map(|at| {
        let mut paths = Vec::new();
        paths_from(&pieces, at, &[], &mut paths);
        let hidden = |path: &Vec<&str>| is_hidden(&path[1..], &pieces);
        let path = paths.into_iter().find(hidden)?.join("::");
        let line = pieces[at].1;
        Some(FromStd { line, path })
    })
}

/// Whether a path, without its root, leads to what waits, or to what is told by
/// other means than a model's.
fn is_hidden(path: &[&str], pieces: &[Piece<'_>]) -> bool {
    let sleeps = |word: &str| matches!(word, "park" | "park_timeout" | "current" | "Thread");
    let says = |module: &str, what: &dyn Fn(&str) -> bool| {
        let mut threes = pieces.windows(3);
        threes.any(|three| three[0].0 == module && three[1].0 == "::" && what(three[2].0))
    };
    match path {
        ["sync", "Mutex" | "Condvar", ..] => true,
        ["sync", "atomic"] => pieces.iter().any(|(word, _)| word.starts_with("Atomic")),
        ["sync", "atomic", what, ..] => what.starts_with("Atomic"),
        ["thread"] => says("thread", &sleeps),
        ["thread", what, ..] => sleeps(what),
        ["time"] => says("time", &|word| word == "Instant"),
        ["time", what, ..] => *what == "Instant",
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

/// Without what is built for tests alone: what a test waits with is its own affair.
fn without_tests(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = &pieces[..];
    while let Some((piece, others)) = rest.split_first() {
        if rest.iter().map(|(word, _)| *word).take(MARK.len()).eq(MARK) {
            rest = after_item(&rest[MARK.len()..]);
        } else {
            kept.push(*piece);
            rest = others;
        }
    }
    kept
}

/// What follows the item that `pieces` begin with.
fn after_item<'p, 'a>(pieces: &'p [Piece<'a>]) -> &'p [Piece<'a>] {
    let mut depth = 0_usize;
    for (at, (word, _)) in pieces.iter().enumerate() {
        match *word {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        // The braces of a `use` have its semicolon after them.
        let goes_on = pieces.get(at + 1).is_some_and(|(next, _)| *next == ";");
        if depth == 0 && (*word == ";" || *word == "}" && !goes_on) {
            return &pieces[at + 1..];
        }
    }
    &[]
}

/// The file with blanks in place of its comments and of what stands in quotes, line by line as it
/// was.
fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(sign) = rest.chars().next() {
        let skipped = match sign {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => quoted(rest),
            '\'' if rest.starts_with("'\"'") => 3,
            '\'' if rest.starts_with("'\\\"'") => 4,
            _ => 0,
        };
        if skipped == 0 {
            code.push(sign);
            rest = &rest[sign.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..skipped].matches('\n'));
            rest = &rest[skipped..];
        }
    }
    code
}

/// How long the comment is that `text` begins with; comments may stand within each other.
fn block_comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    text.len()
}

/// How long the words in quotes are that `text` begins with.
fn quoted(text: &str) -> usize {
    let mut signs = text.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return at + 1,
            '\\' => drop(signs.next()),
            _ => {}
        }
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a word can stand before a path without being part of it.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "use" | "in" | "as" | "dyn" | "impl" | "mut" | "return" | "match" | "if" | "while"
    )
}

/// The words and signs of a file that has no comments.
fn pieces(code: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (line, mut rest) in (1..).zip(code.lines()) {
        while let Some(sign) = rest.chars().next() {
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
