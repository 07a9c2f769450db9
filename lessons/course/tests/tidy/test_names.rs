//! The name of a test is a sentence: when it is red, its name alone says what does not hold.

use crate::sources::sources;

/// The fewest words that make one: `ends_at_eof`.
const WORDS: usize = 3;

#[test]
fn every_name_of_a_test_is_a_sentence() {
    let mut told = Vec::new();
    for source in sources() {
        for (line, name) in tests(&source.text) {
            if !is_sentence(name) {
                let place = source.at(line);
                told.push(format!("{place}: `{name}` is no sentence"));
            }
        }
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

/// The functions that carry `#[test]`, or a runtime's own, each with its line.
fn tests(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut is_test = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let is_attribute = line.starts_with("#[");
        is_test |= line.starts_with("#[test]")
            || is_attribute && (line.contains("::test]") || line.contains("::test("));
        if let Some(name) = function(line) {
            if is_test {
                found.push((number, name));
            }
            is_test = false;
        }
    }
    found
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (name, _) = line.strip_prefix("fn ")?.split_once('(')?;
    Some(name)
}

fn is_sentence(name: &str) -> bool {
    name.split('_').filter(|word| !word.is_empty()).count() >= WORDS && !name.starts_with("test_")
}

#[test]
fn tests_are_found_with_their_other_attributes() {
    let text = "#[test]\n#[ignore = \"slow\"]\n/// A card.\nfn ends_at_eof() {\n}\nfn red() {}\n\
                #[tokio::test(flavor = \"current_thread\")]\nasync fn waits() {}\n";
    assert_eq!(tests(text), [(3, "ends_at_eof"), (7, "waits")]);
}

#[test]
fn a_sentence_has_three_words() {
    assert!(is_sentence("ends_at_eof"));
    assert!(!is_sentence("never_spins"));
    assert!(!is_sentence("test_of_the_loop"));
}
