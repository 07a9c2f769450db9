//! Every file says first what it is, in a sentence.

use crate::sources::{Source, sources};

#[test]
fn every_file_opens_with_its_sentence() {
    let sources = sources();
    let told: Vec<_> = sources.iter().filter_map(fault).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

fn fault(source: &Source) -> Option<String> {
    let words = |line: &'_ str| line.strip_prefix("//! ").map(str::to_owned);
    let sentence: Vec<String> = source.text.lines().map_while(words).collect();
    let Some(last) = sentence.last() else {
        let path = source.at(0);
        return Some(format!("{path} does not open with `//! ` and a sentence"));
    };
    let place = source.at(sentence.len() - 1);
    (!last.ends_with(['.', ':'])).then(|| {
        format!("{place}: the file's first paragraph ends with neither a full stop nor a colon")
    })
}

#[test]
fn an_opening_is_the_first_line_and_a_whole_sentence() {
    let is_refused = |text: &str| {
        let (path, text) = ("a.rs".to_owned(), text.to_owned());
        fault(&Source { path, text }).is_some()
    };
    assert!(!is_refused("//! The clock.\n\nmod a;\n"));
    assert!(!is_refused(
        "//! The clock,\n//! which ticks.\n//!\n//! More"
    ));
    assert!(!is_refused("//! Two things:\n//!\n//! - a\n"));
    assert!(is_refused("//! The clock\n\nmod a;\n"));
    assert!(is_refused("#![forbid(unsafe_code)]\n//! The clock.\n"));
    assert!(is_refused("// The clock.\n"));
    assert!(is_refused(""));
}
