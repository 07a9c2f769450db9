//! Comments are as wide as the code, so that both fit beside the page that is read.

use crate::sources::sources;

/// What rustfmt allows the code, in characters.
const COLUMNS: usize = 100;

#[test]
fn no_line_of_a_comment_is_wider_than_the_code() {
    let sources = sources();
    let lines = sources.iter().flat_map(|source| source.lines());
    let wide = lines.filter(|(_, line)| is_too_wide(line));
    let told: Vec<_> = wide
        .map(|(place, line)| format!("{place} has {} columns", line.chars().count()))
        .collect();
    assert!(
        told.is_empty(),
        "comments of more than {COLUMNS} columns:\n{}",
        told.join("\n")
    );
}

/// What cannot be broken may be wider: a word that stands alone on its line, an address for
/// example, and a row of a table.
fn is_too_wide(line: &str) -> bool {
    let Some(words) = line.trim_start().strip_prefix("//") else {
        return false;
    };
    let words = words.trim_start_matches(['/', '!']).trim();
    let words = words.strip_prefix("- ").unwrap_or(words);
    let can_be_broken = words.contains(' ') && !words.starts_with('|');
    line.chars().count() > COLUMNS && can_be_broken
}

#[test]
fn columns_are_characters_and_what_cannot_be_broken_is_left() {
    let word = |letters: usize| "é".repeat(letters);
    assert!(!is_too_wide(&format!("// a {}", word(95))));
    assert!(is_too_wide(&format!("// a {}", word(96))));
    assert!(is_too_wide(&format!("    //! - a {}", word(96))));
    assert!(!is_too_wide(&format!("/// {}", word(200))));
    assert!(!is_too_wide(&format!("//! - {}", word(200))));
    assert!(!is_too_wide(&format!("//! | a | {} |", word(96))));
    assert!(!is_too_wide(&format!("let a = {}", word(200))));
}
