//! What a stub looks like, and what no stub is made from.

use std::path::Path;

use super::{Problem, Refusal, derive, derive_file, with_header, without_markers};
use crate::catalog::sources::Sources;

fn stub(text: &str) -> String {
    derive_file(Path::new("client.rs"), text).unwrap()
}

fn refused(text: &str) -> (usize, Problem) {
    let Refusal { line, problem, .. } = derive_file(Path::new("client.rs"), text).unwrap_err();
    (line, problem)
}

#[test]
fn a_todo_at_the_end_of_a_block_has_no_semicolon() {
    let solution = "fn f() -> u8 {\n    // todo: give the answer\n    42\n    // end\n}\n";
    assert_eq!(
        stub(solution),
        "fn f() -> u8 {\n    todo!(\"give the answer\")\n}\n"
    );
}

#[test]
fn a_todo_before_more_code_has_a_semicolon() {
    let solution = "    // todo: begin\n    a();\n    // end\n\n    // then\n    b();\n}\n";
    assert_eq!(
        stub(solution),
        "    todo!(\"begin\");\n\n    // then\n    b();\n}\n"
    );
}

#[test]
fn comments_before_a_closing_brace_do_not_make_it_a_statement() {
    let solution = "    // todo: begin\n    a();\n    // end\n    // done\n}\n";
    assert_eq!(stub(solution), "    todo!(\"begin\")\n    // done\n}\n");
}

#[test]
fn comments_under_the_opener_stay_above_the_todo() {
    let solution = "    // todo: begin\n    // Mind the gap.\n    // Twice.\n    a();\n    // own thought\n    b();\n    // end\n}\n";
    assert_eq!(
        stub(solution),
        "    // Mind the gap.\n    // Twice.\n    todo!(\"begin\")\n}\n"
    );
}

#[test]
fn a_doc_comment_under_the_opener_belongs_to_what_is_removed() {
    let solution = "// yours: a struct for one client\n/// One client.\nstruct Client;\n// end\n";
    assert_eq!(stub(solution), "// a struct for one client\n");
}

#[test]
fn yours_becomes_a_comment_and_keeps_its_indent() {
    let solution = "struct A {\n    // yours: what a client needs\n    // One field or two.\n    a: u8,\n    // end\n    b: u8,\n}\n";
    assert_eq!(
        stub(solution),
        "struct A {\n    // what a client needs\n    // One field or two.\n    b: u8,\n}\n"
    );
}

#[test]
fn every_region_of_a_file_is_replaced() {
    let solution = "// todo: one\na();\n// end\n// todo: two\nb();\n// end\n";
    assert_eq!(stub(solution), "todo!(\"one\");\ntodo!(\"two\")\n");
}

#[test]
fn words_that_would_break_the_macro_are_refused() {
    for words in ["say \"hi\"", "a {brace}", "a \\ slash"] {
        let solution = format!("fn f() {{\n    // todo: {words}\n    // end\n}}\n");
        assert_eq!(refused(&solution), (2, Problem::Words), "{words}");
    }
}

#[test]
fn words_of_a_comment_are_free() {
    assert_eq!(
        stub("// yours: say \"hi\" to {you}\n// end\n"),
        "// say \"hi\" to {you}\n"
    );
}

#[test]
fn a_todo_of_a_hundred_columns_passes_and_one_more_is_refused() {
    let solution = |n: usize| format!("    // todo: {}\n    // end\n}}\n", "x".repeat(n));
    assert_eq!(stub(&solution(87)).lines().next().unwrap().len(), 100);
    assert_eq!(refused(&solution(88)), (1, Problem::TooWide(101)));
}

#[test]
fn a_marker_on_a_line_with_code_is_refused() {
    assert_eq!(refused("let a = 1; // todo: b\n"), (1, Problem::SharedLine));
    assert_eq!(
        refused("// todo: b\na(); // end\n"),
        (2, Problem::SharedLine)
    );
}

#[test]
fn markers_that_nest_or_do_not_pair_are_refused() {
    assert_eq!(
        refused("// todo: a\n// yours: b\n// end\n// end\n"),
        (2, Problem::Nested(1))
    );
    assert_eq!(refused("a();\n// todo: a\nb();\n"), (2, Problem::Unclosed));
    assert_eq!(refused("a();\n// end\n"), (2, Problem::Stray));
    assert_eq!(refused("// todo: a\n    // end\n"), (2, Problem::Indent));
    assert_eq!(refused("// todo:\n// end\n"), (1, Problem::NoWords));
}

#[test]
fn tests_and_todos_of_the_solution_itself_are_refused() {
    assert_eq!(refused("#[cfg(test)]\nmod tests {}\n"), (1, Problem::Tests));
    assert_eq!(
        refused("fn f() {\n    todo!(\"later\")\n}\n"),
        (2, Problem::Todo)
    );
}

#[test]
fn the_header_stands_after_the_page_and_the_attributes_of_the_crate() {
    let derived = with_header("//! A page.\n#![forbid(unsafe_code)]\n\nuse std::io;\n");
    assert!(
        derived.starts_with("//! A page.\n#![forbid(unsafe_code)]\n#![allow(\n    dead_code,\n")
    );
    assert!(derived.ends_with("begin\"\n)]\n\nuse std::io;\n"));
}

#[test]
fn an_attribute_of_several_lines_is_stepped_over() {
    let derived = with_header("//! A page.\n\n#![warn(\n    missing_docs\n)]\nuse a;\n");
    assert!(derived.starts_with("//! A page.\n\n#![warn(\n    missing_docs\n)]\n#![allow(\n"));
}

#[test]
fn only_crate_roots_have_the_header() {
    let files =
        ["lib.rs", "main.rs", "client.rs"].map(|name| (name.into(), "//! A page.\n".to_owned()));
    let derived = derive(&Sources(files.into())).unwrap();
    let with_it = derived
        .0
        .iter()
        .filter(|(_, text)| text.contains("#![allow("));
    assert_eq!(
        with_it
            .map(|(path, _)| path.to_str().unwrap())
            .collect::<Vec<_>>(),
        ["lib.rs", "main.rs"]
    );
}

#[test]
fn a_reader_of_the_solution_sees_no_markers() {
    let solution = Sources(
        [(
            "main.rs".into(),
            "// todo: a\n// Why.\nb();\n// end\n".into(),
        )]
        .into(),
    );
    assert_eq!(
        without_markers(&solution).0[Path::new("main.rs")],
        "// Why.\nb();\n"
    );
}
