//! A book of one chapter, for the scratch copy of the course.

use std::fs;
use std::path::Path;

use crate::checkout::Scratch;

/// Puts a book of one chapter into the scratch copy.
pub(crate) fn lay_out_a_book(scratch: &Scratch) {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let copy = |name: &&str| {
        let text = fs::read_to_string(real.join(name)).unwrap();
        scratch.keep(&format!("book/{name}"), &text);
    };
    [
        "book.toml",
        "theme/course.css",
        "theme/edges.js",
        "theme/menu.js",
        "theme/quiz.js",
    ]
    .iter()
    .for_each(copy);
    let summary = "# Summary\n\n[Begin here](index.md)\n\n- [01 Tiny](01-tiny.md)\n";
    scratch.keep("book/src/SUMMARY.md", summary);
    scratch.keep("book/src/index.md", "# Begin here\n\n{{#map}}\n");
    let chapter = "# 01 Tiny\n\n{{#lesson 01}}\n\nAs *small* as can be.\n\n{{#quiz tiny}}\n\n## Your turn\n\n{{#checks 01}}\n\n## Compare\n\n{{#mistakes 01}}\n";
    scratch.keep("book/src/01-tiny.md", chapter);
    let answer = |text, correct, because| {
        format!(
            "[[question.answer]]\ntext = \"{text}\"\ncorrect = {correct}\nbecause = \"{because}\"\n"
        )
    };
    let quiz = "[[question]]\nprompt = \"What comes back?\"\n".to_owned()
        + &answer("Every byte.", true, "It is an echo.")
        + &answer("Nothing.", false, "Then it would be no echo.");
    scratch.keep("book/src/quizzes/tiny.toml", &quiz);
}
