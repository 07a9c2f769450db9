//! Stubs, derived from the solutions: one source, so the two never drift apart.
//!
//! In a solution, what the learner is to write stands between two marker lines. `// todo: WORDS` …
//! `// end` becomes `todo!("WORDS")`; `// yours: WORDS` … `// end` becomes the comment `// WORDS`.
//! Comments directly under an opener stay above what replaces the region.
//!
//! Invariant: derived text is never formatted afterwards, passes rustfmt as it is, and compiles; a
//! marker that would break this is refused here, with file and line.

use std::path::Path;

use thiserror::Error;

use crate::catalog::sources::{Sources, is_crate_root};

/// What keeps an untouched stub quiet under check, clippy and rust-analyzer. Never plain `unused`:
/// that would hide a dropped `Result` from someone who forgot to delete the attribute.
pub const HEADER: &str = r#"#![allow(
    dead_code,
    unused_variables,
    unused_imports,
    unused_mut,
    unreachable_code,
    clippy::diverging_sub_expression,
    reason = "a stub: delete this attribute when you begin"
)]
"#;

/// rustfmt splits a macro call that is wider than this.
const WIDTH: usize = 100;

/// A solution from which no stub can be derived.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {problem}")]
pub struct Refusal {
    /// The file, relative to `src/`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// Why a marker is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "each message says it")]
pub enum Problem {
    #[error("a marker stands alone on its line")]
    SharedLine,
    #[error("a marker needs words for the learner")]
    NoWords,
    #[error(
        "the words of a `todo` may not hold a quote, a backslash or a brace: they become a format string"
    )]
    Words,
    #[error("the `todo!` would be {0} columns wide, and rustfmt splits lines over {WIDTH}")]
    TooWide(usize),
    #[error("markers do not nest: the region opened on line {0} is not closed yet")]
    Nested(usize),
    #[error("this region is never closed with `// end`")]
    Unclosed,
    #[error("this `// end` closes nothing")]
    Stray,
    #[error("`// end` stands at the indent of the marker it closes")]
    Indent,
    #[error("a solution's src holds no tests: put them in the solution's tests/ folder")]
    Tests,
    #[error("a solution holds no `todo!` of its own")]
    Todo,
}

/// Derives the stub of a whole `src/` folder.
///
/// # Errors
/// At the first marker that cannot be honoured.
pub fn derive(solution: &Sources) -> Result<Sources, Refusal> {
    let stub = solution.0.iter().map(|(path, text)| {
        let text = derive_file(path, text)?;
        Ok((
            path.clone(),
            if is_crate_root(path) {
                with_header(&text)
            } else {
                text
            },
        ))
    });
    Ok(Sources(stub.collect::<Result<_, _>>()?))
}

/// The solution as a reader sees it: without the marker lines.
pub fn without_markers(solution: &Sources) -> Sources {
    let strip = |text: &String| {
        let lines = text.split_inclusive('\n');
        lines
            .filter(|line| Marker::of(line.trim_end()).is_none())
            .collect()
    };
    Sources(
        solution
            .0
            .iter()
            .map(|(path, text)| (path.clone(), strip(text)))
            .collect(),
    )
}

/// One marker line.
#[derive(Clone, Copy)]
enum Marker<'a> {
    Todo(&'a str),
    Yours(&'a str),
    End,
}

impl<'a> Marker<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.trim_start();
        if let Some(words) = line.strip_prefix("// todo:") {
            Some(Marker::Todo(words.trim()))
        } else if let Some(words) = line.strip_prefix("// yours:") {
            Some(Marker::Yours(words.trim()))
        } else {
            (line == "// end").then_some(Marker::End)
        }
    }
}

/// A region that has been opened and not yet closed.
struct Region<'a> {
    opener: usize,
    indent: &'a str,
    marker: Marker<'a>,
    /// Whether comments still belong to the opener.
    at_its_head: bool,
}

fn derive_file(path: &Path, text: &str) -> Result<String, Refusal> {
    let lines: Vec<&str> = text.lines().collect();
    let mut stub = Stub {
        text: String::with_capacity(text.len()),
        open: None,
    };
    for index in 0..lines.len() {
        stub.take(index, &lines)
            .map_err(|(index, problem)| refusal(path, index, problem))?;
    }
    match stub.open {
        Some(region) => Err(refusal(path, region.opener, Problem::Unclosed)),
        None => Ok(stub.text),
    }
}

fn refusal(path: &Path, index: usize, problem: Problem) -> Refusal {
    Refusal {
        file: path.display().to_string(),
        line: index + 1,
        problem,
    }
}

/// A stub while it is derived line by line.
struct Stub<'a> {
    text: String,
    open: Option<Region<'a>>,
}

impl<'a> Stub<'a> {
    /// Takes the next line of the solution. An error carries the index of the line it is about.
    fn take(&mut self, index: usize, lines: &[&'a str]) -> Result<(), (usize, Problem)> {
        let line = lines[index];
        look_for_what_may_not_be(line).map_err(|problem| (index, problem))?;
        match Marker::of(line) {
            None => self.pass(line),
            Some(Marker::End) => self.close(index, lines)?,
            Some(marker) => self.open(index, line, marker)?,
        }
        Ok(())
    }

    /// Handles a line without a marker. Outside a region the line is kept; inside, only the
    /// comments directly under the opener are kept.
    fn pass(&mut self, line: &str) {
        let kept = self.open.as_mut().is_none_or(|region| {
            region.at_its_head &= is_plain_comment(line);
            region.at_its_head
        });
        if kept {
            push_line(&mut self.text, line);
        }
    }

    fn open(
        &mut self,
        opener: usize,
        line: &'a str,
        marker: Marker<'a>,
    ) -> Result<(), (usize, Problem)> {
        if let Some(region) = &self.open {
            return Err((opener, Problem::Nested(region.opener + 1)));
        }
        let region = Region {
            opener,
            indent: indent(line),
            marker,
            at_its_head: true,
        };
        if let Some(comment) = region.comment().map_err(|problem| (opener, problem))? {
            push_line(&mut self.text, &comment);
        }
        self.open = Some(region);
        Ok(())
    }

    fn close(&mut self, index: usize, lines: &[&str]) -> Result<(), (usize, Problem)> {
        let Some(region) = self.open.take() else {
            return Err((index, Problem::Stray));
        };
        if region.indent != indent(lines[index]) {
            return Err((index, Problem::Indent));
        }
        let todo = region.todo(is_tail(&lines[index + 1..]));
        if let Some(todo) = todo.map_err(|problem| (region.opener, problem))? {
            push_line(&mut self.text, &todo);
        }
        Ok(())
    }
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

impl Region<'_> {
    /// The line that stands where a `yours` region opened.
    fn comment(&self) -> Result<Option<String>, Problem> {
        match self.marker {
            Marker::Todo("") | Marker::Yours("") => Err(Problem::NoWords),
            Marker::Yours(words) => Ok(Some(format!("{}// {words}", self.indent))),
            Marker::Todo(_) | Marker::End => Ok(None),
        }
    }

    /// The line that stands where a `todo` region closed.
    fn todo(&self, is_tail: bool) -> Result<Option<String>, Problem> {
        let Marker::Todo(words) = self.marker else {
            return Ok(None);
        };
        if words.contains(['"', '\\', '{', '}']) {
            return Err(Problem::Words);
        }
        let semicolon = if is_tail { "" } else { ";" };
        let line = format!("{}todo!(\"{words}\"){semicolon}", self.indent);
        match line.chars().count() {
            width if width > WIDTH => Err(Problem::TooWide(width)),
            _ => Ok(Some(line)),
        }
    }
}

fn look_for_what_may_not_be(line: &str) -> Result<(), Problem> {
    let code = line.trim_start();
    if !code.starts_with("//") {
        let marked = ["// todo:", "// yours:"]
            .iter()
            .any(|marker| line.contains(marker));
        if marked || line.trim_end().ends_with("// end") {
            return Err(Problem::SharedLine);
        }
        if line.contains("todo!(") {
            return Err(Problem::Todo);
        }
    }
    if code.starts_with("#[cfg(test)]") {
        Err(Problem::Tests)
    } else {
        Ok(())
    }
}

/// Whether a `todo!` before `rest` is the last expression of its block: only a closing brace
/// follows.
fn is_tail(rest: &[&str]) -> bool {
    let code = rest.iter().map(|line| line.trim_start());
    let mut code = code.filter(|line| !line.is_empty() && !line.starts_with("//"));
    code.next().is_none_or(|line| line.starts_with('}'))
}

fn is_plain_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") && !line.starts_with("///") && !line.starts_with("//!")
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Puts the header after the crate's own page and attributes, so that both stay where they were.
fn with_header(text: &str) -> String {
    let mut header_at = 0;
    let mut inside_attribute = false;
    let mut seen = 0;
    for line in text.split_inclusive('\n') {
        seen += line.len();
        let code = line.trim_end();
        if inside_attribute || code.starts_with("#![") {
            inside_attribute = !code.ends_with(']');
            header_at = seen;
        } else if code.starts_with("//!") {
            header_at = seen;
        } else if !code.is_empty() {
            break;
        }
    }
    let (before, after) = text.split_at(header_at);
    format!("{before}{HEADER}{after}")
}

#[cfg(test)]
mod tests;
