//! The wording that all failures share: numbers with their nouns, and text that a terminal can
//! show.

use std::any::Any;
use std::borrow::Cow;

/// `1 byte`, `2 bytes`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// What a panic said, from its payload; empty when that is no text.
#[must_use]
pub fn panic_words(payload: &(dyn Any + Send)) -> &str {
    let formatted = payload.downcast_ref::<String>().map(String::as_str);
    let plain = payload.downcast_ref::<&str>().copied();
    formatted.or(plain).unwrap_or_default()
}

/// Returns `text` as a terminal may see it. A character that would move the cursor, change colours,
/// make a link, or turn the direction of the line becomes its Rust escape, `\u{1b}`: a program
/// under judgement must not repaint its verdict. Line feeds and tabs stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// Whether a terminal acts on this character instead of showing it: a control character (C0, DEL,
/// C1), a mark or an override of the direction of writing, or a separator of lines that is no `\n`.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let ends_lines = matches!(c, '\u{2028}' | '\u{2029}');
    turns || ends_lines || (c.is_control() && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        assert_eq!(visible("\x1b]8;;x\x07\r\x7f"), r"\u{1b}]8;;x\u{7}\r\u{7f}");
        assert_eq!(visible("\u{9b}2J \u{202e}live"), r"\u{9b}2J \u{202e}live");
    }

    #[test]
    fn a_panic_is_quoted_however_it_was_raised() {
        let words = |payload: &(dyn Any + Send)| panic_words(payload).to_owned();
        assert_eq!(words(&"plain"), "plain");
        assert_eq!(words(&format!("number {}", 1)), "number 1");
        assert_eq!(words(&7), "");
    }

    #[test]
    fn all_else_stays_as_it_is() {
        let text = "two\nlines\tand – ✓ änd 日本";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }
}
