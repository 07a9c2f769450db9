//! How verdicts are shown to a person.
//!
//! Invariant: everything here returns text and prints nothing. Lines are of at most the given
//! width, but for a single word that is longer: a path stays whole, so that it can be clicked. Each
//! verdict is told in words, with a mark and a colour as an addition. A program's text passes
//! [`visible`] before a colour is added, so that only the course's own escape sequences reach a
//! terminal.
//!
//! Longer than others: a function for each thing that a verdict can hold.

use std::collections::BTreeMap;
use std::time::Duration;

use anstyle::Style;
use grader::{Failure, Panicked, Unwritten, Verdict, is_unseen, visible};
use serde::Serialize;
use textwrap::{Options, WordSplitter};

use crate::catalog::lessons::Lesson;
use crate::grade::compile::Blame;
use crate::grade::run::Judged;
use crate::grade::subject::Subject;
use crate::show::style::{BAD, GOOD, OPEN, QUIET, STRONG, TYPED, paint};

/// The widest text that is written, however wide the terminal.
pub const WIDTH: usize = 80;

/// The verdict in words.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "holds",
        Verdict::Red { failure } if failure.unwritten.is_some() => "not written yet",
        Verdict::Red { .. } => "does not hold",
        Verdict::Skipped { .. } => "skipped",
        Verdict::CouldNotJudge { .. } => "could not judge",
    }
}

fn mark(verdict: &Verdict) -> (char, Style) {
    match verdict {
        Verdict::Green => ('✓', GOOD),
        Verdict::Red { failure } if failure.unwritten.is_some() => ('○', OPEN),
        Verdict::Red { .. } => ('✗', BAD),
        Verdict::Skipped { .. } => ('-', QUIET),
        Verdict::CouldNotJudge { .. } => ('?', OPEN),
    }
}

/// One check's line: mark, word, name, duration; below it the check's notes. `room` is the width of
/// the grader's longest name. If the line would be too wide, the name gets a line of its own.
pub fn line(judged: &Judged, room: usize, width: usize) -> String {
    /// The width of all but the name: two spaces, the mark and the word, two spaces twice, and the
    /// duration.
    const OTHER_COLUMNS: usize = 2 + 17 + 2 + 2 + 6;
    let verdict = &judged.report.verdict;
    let (mark, style) = mark(verdict);
    let told = paint(style, format!("{mark} {:<15}", word(verdict)));
    let took = seconds(Duration::from_millis(judged.report.millis));
    let took = paint(QUIET, format!("{took:>6}"));
    let check = &judged.report.check;
    let (mut text, indent) = if OTHER_COLUMNS + room <= width {
        (format!("  {told}  {check:<room$}  {took}\n"), 21)
    } else {
        (format!("  {told}  {took}\n    {check}\n"), 4)
    };
    for note in &judged.report.notes {
        text += &paragraph(note, width, &" ".repeat(indent));
    }
    text
}

/// A duration as a person reads it.
pub fn seconds(duration: Duration) -> String {
    match duration.as_secs_f64() {
        short if short < 0.995 => format!("{:.0} ms", short * 1000.0),
        long => format!("{long:.1} s"),
    }
}

/// How much is said of the checks that do not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reds<'a> {
    /// Everything about each of them.
    Whole,
    /// Everything about the first in the grader's order, and of the others only `saw`. A grader's
    /// checks go from the basic to the demanding, so the first failure often explains the rest. The
    /// words say how to read the others whole.
    First(&'a str),
}

/// The text after a run's lines: failures, and the checks that were skipped or could not be judged.
/// Checks that met the same `todo!`, or the same panic, are told together.
pub fn details(run: &[Judged], reds: Reds<'_>, width: usize) -> String {
    let mut text = String::new();
    // A skipped check did not run, so it cannot have met a `todo!`.
    let skipped = |judged: &&Judged| matches!(judged.report.verdict, Verdict::Skipped { .. });
    let met = run.len() - run.iter().filter(skipped).count();
    for (todo, checks) in unwritten(run) {
        text += &not_written(todo, &checks, met, width);
    }
    let stories = stories(run);
    for (index, story) in stories.iter().enumerate() {
        let is_whole = index == 0 || reds == Reds::Whole;
        text += &does_not_hold(story, is_whole, width);
    }
    if let (Reds::First(how), 2..) = (reds, stories.len()) {
        text += &format!("\n{}", paint(QUIET, paragraph(how, width, "  ")));
    }
    for judged in run {
        if let Verdict::Skipped { reason } | Verdict::CouldNotJudge { reason } =
            &judged.report.verdict
        {
            text += &heading(OPEN, &judged.report.check);
            text += &part(word(&judged.report.verdict), reason, width);
            text += &broken(&judged.broke, width);
        }
    }
    text
}

/// One failure to tell, and the checks that it explains; it is the failure of the first of them.
struct Story<'a> {
    failure: &'a Failure,
    checks: Vec<&'a str>,
}

/// The failures that are no `todo!`, in the order of the grader; a panic that several checks met is
/// told once.
fn stories(run: &[Judged]) -> Vec<Story<'_>> {
    let mut places: BTreeMap<&Panicked, usize> = BTreeMap::new();
    let mut stories: Vec<Story<'_>> = Vec::new();
    for judged in run {
        let failure = match &judged.report.verdict {
            Verdict::Red { failure } if failure.unwritten.is_none() => failure,
            _ => continue,
        };
        let new = stories.len();
        let place = match &failure.panic {
            Some(panic) => *places.entry(panic).or_insert(new),
            None => new,
        };
        if place == new {
            let checks = Vec::new();
            stories.push(Story { failure, checks });
        }
        stories[place].checks.push(&judged.report.check);
    }
    stories
}

fn does_not_hold(story: &Story<'_>, is_whole: bool, width: usize) -> String {
    let mut text = match story.checks.as_slice() {
        [check] => heading(BAD, check),
        checks => {
            let same = format!("The same panic in {} checks", checks.len());
            let named = paragraph(&checks.join(", "), width, "  ");
            format!("{}{named}\n", heading(BAD, &same))
        }
    };
    if is_whole {
        text += &failure(story.failure, width);
    } else {
        text += &part("saw", &story.failure.saw, width);
    }
    text
}

fn heading(style: Style, check: &str) -> String {
    format!("\n{}\n\n", paint(STRONG, paint(style, check)))
}

/// Expected, saw, why, look; parts with nothing to say are left out.
pub fn failure(failure: &Failure, width: usize) -> String {
    let mut text = part("expected", &failure.expected, width);
    text += &part("saw", &failure.saw, width);
    text += &part("why", &failure.why, width);
    text += &part("look", &failure.look, width);
    for (index, line) in failure.autopsy.iter().enumerate() {
        let label = if index == 0 { "autopsy" } else { "" };
        text += &paint(QUIET, part(label, line, width));
    }
    text
}

/// `label`, then `words` wrapped beside it.
fn part(label: &str, words: &str, width: usize) -> String {
    if words.is_empty() {
        return String::new();
    }
    let column = label.chars().count().max(8);
    let first = format!("  {label:<column$}  ");
    let rest = " ".repeat(first.len());
    // An autopsy line keeps its own indent; a wrapped paragraph has none.
    let options = wrapping(width)
        .initial_indent(&first)
        .subsequent_indent(&rest);
    let mut text = String::new();
    for (index, line) in visible(words).lines().enumerate() {
        let options = if index == 0 {
            options.clone()
        } else {
            options.clone().initial_indent(&rest)
        };
        text += &textwrap::fill(line, options);
        text.push('\n');
    }
    if label.is_empty() {
        text
    } else {
        text.replacen(label, &paint(STRONG, label), 1)
    }
}

/// The `todo!`s that checks ran into, in the order of the first check that did.
fn unwritten(run: &[Judged]) -> Vec<(&Unwritten, Vec<&str>)> {
    let mut places: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    let mut todos: Vec<(&Unwritten, Vec<&str>)> = Vec::new();
    for judged in run {
        let Verdict::Red { failure } = &judged.report.verdict else {
            continue;
        };
        let Some(todo) = &failure.unwritten else {
            continue;
        };
        let place = *places.entry((&todo.file, todo.line)).or_insert(todos.len());
        if place == todos.len() {
            todos.push((todo, Vec::new()));
        }
        todos[place].1.push(&judged.report.check);
    }
    todos
}

/// `of` checks were run in all.
fn not_written(todo: &Unwritten, checks: &[&str], of: usize, width: usize) -> String {
    let (who, meet) = match checks {
        all if all.len() == of && of > 1 => ("Every check".to_owned(), "needs it"),
        [one] => ((*one).to_owned(), "needs it"),
        many => (many.join(", "), "need it"),
    };
    let place = paint(TYPED, format!("{}:{}", visible(&todo.file), todo.line));
    let met = paragraph(&format!("{who} {meet}."), width, "  ");
    format!(
        "\n{}  {place}\n\n{}{met}",
        paint(STRONG, paint(OPEN, "Not written yet")),
        paragraph(&todo.words, width, "  ")
    )
}

/// The last lines that a grader printed before it broke.
fn broken(tail: &[String], width: usize) -> String {
    if tail.is_empty() {
        return String::new();
    }
    let fault = "This is a fault of the course, not of your program. The last lines of its output:";
    let lines = tail.iter().map(|line| format!("    {}\n", visible(line)));
    let lines: String = lines.collect();
    format!(
        "\n{}\n{}",
        paragraph(fault, width, "  "),
        paint(QUIET, lines)
    )
}

/// The words for a failed build that is not the learner's fault. For the learner's own program they
/// are empty: cargo's words are enough.
pub fn whose_fault(whose: Blame, lesson: &Lesson) -> String {
    match whose {
        Blame::Program => String::new(),
        Blame::Grader => format!(
            "Your program compiles, but its checks do not compile against it.\n\
             Has a public name or signature changed? The chapter's \"Your turn\" lists them:\n{}\n\
             Were the checks changed? git checkout -- lessons/{}/tests",
            lesson.chapter().display(),
            lesson.name
        ),
        Blame::Course => "This is not your program's fault: another crate of the course does not compile.\n\
                          Was it changed by accident? To see: git status"
            .to_owned(),
        Blame::Crates => "Could not judge: crates that the program or its checks need are not on this machine yet, and cargo \
                          could not get them. This is not your program's fault.\n\
                          With a network, once: cargo fetch --locked\n\
                          After that the course needs none."
            .to_owned(),
        Blame::Disk => "Could not judge: the disk is full. This is not your program's fault.\n\
                        What cargo has built can go, and is built again: cargo clean"
            .to_owned(),
        Blame::Linker => "Could not judge: there is no C linker here, or it does not work. This is not your program's fault.\n\
                          To get one, on Debian or Ubuntu: apt install gcc"
            .to_owned(),
        Blame::Machine => "Could not judge: something that the program or its checks need does not build here. This is not your \
                           program's fault.\n\
                           Most often the toolchain is too old (rustup update)."
            .to_owned(),
    }
}

/// The words for a build of `check --src` whose `error` names a crate that the lesson does not
/// have. Cargo advises to add the crate, but the manifest in that folder is not used. Empty for any
/// other error.
pub fn only_sources(subject: &Subject, lesson: &Lesson, error: &str) -> String {
    let names_a_crate = ["unresolved import", "unlinked crate", "unresolved module"]
        .iter()
        .any(|words| error.contains(words));
    match &subject.origin {
        Some(origin) if names_a_crate => format!(
            "Only sources are taken from {}, no manifest: a crate that they need has to stand in lessons/{}/Cargo.toml.",
            origin.display(),
            lesson.name
        ),
        _ => String::new(),
    }
}

/// How text is wrapped: at spaces only, because a path that is broken in two cannot be clicked.
fn wrapping<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

/// `words` wrapped and indented, line by line; without colours, which are added to the result.
pub fn paragraph(words: &str, width: usize, indent: &str) -> String {
    let options = wrapping(width)
        .initial_indent(indent)
        .subsequent_indent(indent);
    visible(words)
        .lines()
        .map(|line| textwrap::fill(line, &options) + "\n")
        .collect()
}

/// Markdown as it stands in a doc comment: paragraphs are joined and wrapped, code blocks and lists
/// keep their lines.
pub fn prose(words: &str, width: usize, indent: &str) -> String {
    let mut text = String::new();
    let mut waiting = String::new();
    let mut in_code = false;
    for line in words.lines() {
        let is_fence = line.trim_start().starts_with("```");
        let stands_alone =
            in_code || is_fence || line.trim().is_empty() || line.starts_with("    ");
        if stands_alone || line.trim_start().starts_with("- ") {
            text += &paragraph(&std::mem::take(&mut waiting), width, indent);
        }
        in_code ^= is_fence;
        if stands_alone {
            text += format!("{indent}{}", visible(line)).trim_end();
            text.push('\n');
        } else {
            waiting += if waiting.is_empty() { "" } else { " " };
            waiting += line.trim();
        }
    }
    text + &paragraph(&waiting, width, indent)
}

/// JSON on one line that is safe to print on a terminal: it also escapes the invisible characters
/// that [`visible`] replaces; JSON itself escapes only those below U+0020.
pub fn json(value: &impl Serialize) -> String {
    // Serialising cannot fail: the values hold names, numbers and text. Outside of strings the
    // result is ASCII.
    let json = serde_json::to_string(value).unwrap_or_default();
    json.chars().fold(String::new(), |mut text, c| {
        if is_unseen(c) {
            text += &format!("\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
        text
    })
}

#[cfg(test)]
mod tests;
