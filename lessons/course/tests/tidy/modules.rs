//! The modules of a crate, and which of them name which others in their code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One place in a crate that names another module of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    /// The file in which it stands.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The module that is named.
    pub(crate) to: String,
}

/// By module, `client::load`, and the crate's root as ``, what it uses of the same crate. What
/// stands in `#[cfg(test)]` does not count: tests may look at everything.
pub(crate) fn uses(src: &Path) -> BTreeMap<String, Vec<Use>> {
    let mut files = Vec::new();
    files_below(src, &mut files);
    let modules: BTreeMap<String, PathBuf> = files
        .into_iter()
        .map(|file| (module_of(file.strip_prefix(src).unwrap()), file))
        .collect();
    let used = |(module, file): (&String, &PathBuf)| {
        let text = without_comments_and_tests(&fs::read_to_string(file).unwrap());
        let of_module = paths(&text, module).into_iter().filter_map(|(line, path)| {
            let to = longest(&path, &modules);
            (to != *module).then(|| Use {
                file: file.clone(),
                line,
                to,
            })
        });
        (module.clone(), of_module.collect())
    };
    modules.iter().map(used).collect()
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// `client/load.rs` is `client::load`; the roots are ``.
fn module_of(file: &Path) -> String {
    let text = file.with_extension("").display().to_string();
    match text.as_str() {
        "lib" | "main" => String::new(),
        _ => text.replace('/', "::"),
    }
}

/// The module that a path leads to: its longest beginning that is one.
fn longest(path: &[String], modules: &BTreeMap<String, PathBuf>) -> String {
    (0..=path.len())
        .rev()
        .map(|n| path[..n].join("::"))
        .find(|module| modules.contains_key(module))
        .unwrap_or_default()
}

/// The same text, line by line, with blanks where comments and test modules stood.
fn without_comments_and_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut is_test = false;
    for line in text.lines() {
        is_test |= line == "#[cfg(test)]";
        if !is_test && !line.trim_start().starts_with("//") {
            kept += line;
        }
        is_test &= line != "}" && !line.starts_with("mod tests;");
        kept.push('\n');
    }
    kept
}

/// Every path in `text` that leads somewhere in this crate, from its root, with its line.
fn paths(text: &str, module: &str) -> Vec<(usize, Vec<String>)> {
    let here: Vec<String> = split(module);
    let children: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let (before, after) = line.split_once("mod ")?;
            let declares = before.is_empty() || before.starts_with("pub");
            declares.then_some(after.strip_suffix(';')).flatten()
        })
        .collect();
    let mut found = Vec::new();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let starts = ["crate::", "super::", "self::"].map(str::to_owned);
    let relative = children.iter().map(|child| format!("{child}::"));
    for start in starts.into_iter().chain(relative) {
        for (at, _) in text.match_indices(&start) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| is_part(c) || c == ':') {
                continue;
            }
            let line = text[..at].matches('\n').count() + 1;
            let parent = &here[..here.len().saturating_sub(1)];
            let (base, rest) = match start.as_str() {
                "crate::" => (&[][..], &text[at + start.len()..]),
                "super::" => (parent, &text[at + start.len()..]),
                "self::" => (&here[..], &text[at + start.len()..]),
                _ => (&here[..], &text[at..]),
            };
            let mut leaves = Vec::new();
            read_tree(rest, base, &mut leaves);
            found.extend(leaves.into_iter().map(|leaf| (line, leaf)));
        }
    }
    found
}

/// Reads `a::b`, or `{a, b::{c, d}}`, as paths that begin with `base`; returns how
/// much of `text` that was.
fn read_tree(text: &str, base: &[String], leaves: &mut Vec<Vec<String>>) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut path = base.to_vec();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with('{') {
            at += 1;
            loop {
                at += blanks(&text[at..]);
                match text[at..].chars().next() {
                    Some('}') | None => return at + 1,
                    Some(',') => at += 1,
                    Some(_) => at += read_tree(&text[at..], &path, leaves).max(1),
                }
            }
        }
        let word: String = rest.chars().take_while(|c| is_part(*c)).collect();
        at += word.len();
        if word == "super" {
            path.pop();
        } else if !word.is_empty() && word != "self" {
            path.push(word);
        }
        if text[at..].starts_with("::") {
            at += 2;
        } else {
            // `as another_name`, up to the next comma or brace.
            at += text[at..].find([',', '}', ';', '\n']).unwrap_or(0);
            leaves.push(path);
            return at;
        }
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn split(module: &str) -> Vec<String> {
    let parts = module.split("::").filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[test]
fn a_path_is_found_wherever_it_stands() {
    let text = "use crate::{wait, client::{self, load::{Talk, Answer as A}}};\nmod red;\nfn f() { crate::seed::draw(); super::exit(); red::x() }\n";
    let found: Vec<_> = paths(text, "program::here")
        .into_iter()
        .map(|(line, path)| (line, path.join("::")))
        .collect();
    for expected in [
        (1, "wait"),
        (1, "client"),
        (1, "client::load::Talk"),
        (1, "client::load::Answer"),
        (3, "seed::draw"),
        (3, "program::exit"),
        (3, "program::here::red::x"),
    ] {
        let expected = (expected.0, expected.1.to_owned());
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
}

#[test]
fn tests_and_comments_name_what_they_like() {
    let text = "// crate::a\nuse crate::b;\n#[cfg(test)]\nmod tests {\n    use crate::c;\n}\nuse crate::d;\n";
    let kept = without_comments_and_tests(text);
    let found: Vec<_> = paths(&kept, "")
        .into_iter()
        .map(|(_, path)| path.join("::"))
        .collect();
    assert_eq!(found, ["b", "d"]);
}
