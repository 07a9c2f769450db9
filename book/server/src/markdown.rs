//! Markdown that becomes part of a block of HTML: rendered here, since mdBook leaves such blocks
//! alone.
//!
//! Invariant: the result holds no empty line, because in a chapter an empty line ends the block.

use pulldown_cmark::{Options, Parser, html};

/// Renders `source` as HTML blocks: paragraphs, lists, code.
pub fn blocks(source: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_SMART_PUNCTUATION;
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(source.trim(), options));
    keep_together(rendered.trim())
}

/// Renders `source`, one paragraph, without the paragraph's own tags; blocks stay as they are.
pub fn inline(source: &str) -> String {
    let rendered = blocks(source);
    match rendered
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"))
    {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => rendered,
    }
}

/// Splits rendered blocks into the inside of the first paragraph and everything after it.
pub fn first_paragraph(rendered: &str) -> Option<(&str, &str)> {
    rendered.strip_prefix("<p>")?.split_once("</p>")
}

/// Escapes `text` for an element's content or a quoted attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Fences `code` as a block of `language`, whatever backticks it contains.
pub fn fence(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let code = code.trim_end_matches('\n');
    format!("{fence}{language}\n{code}\n{fence}")
}

/// Replaces each empty line by a character reference for it, which a browser shows alike.
pub fn keep_together(html: &str) -> String {
    let mut kept = html.to_owned();
    while kept.contains("\n\n") {
        kept = kept.replace("\n\n", "\n&#10;");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_with_an_empty_line_stays_one_block() {
        let html = blocks("Look:\n\n```rust\nlet a = 1;\n\nlet b = 2;\n```");
        assert!(!html.contains("\n\n"), "{html}");
        assert!(html.contains("let a = 1;\n&#10;let b = 2;"), "{html}");
    }

    #[test]
    fn one_paragraph_loses_its_tags() {
        assert_eq!(
            inline("read returns `Ok(0)`"),
            "read returns <code>Ok(0)</code>"
        );
    }

    #[test]
    fn a_fence_is_longer_than_any_run_of_backticks_in_the_code() {
        assert!(fence("md", "```rust\n```").starts_with("````md\n"));
    }
}
