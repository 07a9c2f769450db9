//! What is unknown, misspelt or stale fails the build, and the message says where, what, and what
//! to do.

mod demo;

use std::path::Path;
use std::process::{Command, Stdio};

use demo::Demo;
use reader::builder::build;

const CHAPTER: &str = "book/src/06-echo-server.md";

/// The message with which the demo's build fails after `change`.
fn refused(change: impl FnOnce(&Demo) -> &Demo) -> String {
    let demo = Demo::new();
    change(&demo);
    let folder = tempfile::tempdir().unwrap();
    format!(
        "{:#}",
        build(&demo.book(), Some(folder.path())).expect_err("the build succeeds")
    )
}

fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "“{part}” is not in:\n{message}");
    }
}

/// The line of the demo's chapter that begins with `words`.
fn line_of(words: &str) -> usize {
    let chapter = include_str!("demo/book/src/06-echo-server.md");
    1 + chapter
        .lines()
        .position(|line| line.starts_with(words))
        .unwrap()
}

#[test]
fn the_demo_itself_builds() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        build(&Demo::new().book(), Some(folder.path()))
            .unwrap()
            .chapters,
        2
    );
}

#[test]
fn an_unknown_directive_names_file_line_and_what_there_is() {
    let message = refused(|demo| demo.edit(CHAPTER, "{{#quiz edges}}", "{{#quizz edges}}"));
    assert_says(
        &message,
        &[
            &format!(
                "book/src/06-echo-server.md:{}: there is no directive `{{{{#quizz}}}}`",
                line_of("{{#quiz ")
            ),
            "{{#quiz NAME}}",
        ],
    );
}

#[test]
fn figures_without_a_machine_or_a_lesson_name_the_command_that_measures() {
    let figures = "book/src/measured/06-echo-server.md";
    let message = refused(|demo| demo.write(figures, "| clients |\n| --: |\n| 1 |\n"));
    assert_says(
        &message,
        &[
            "does not say what it was measured on",
            "cargo course ladder --solution --book",
        ],
    );
    let message = refused(|demo| demo.edit(CHAPTER, "{{#measured 06}}", "{{#measured 16}}"));
    assert_says(&message, &["there is no lesson `16`"]);
}

#[test]
fn all_faults_are_told_at_once() {
    let message = refused(|demo| {
        demo.edit(CHAPTER, "{{#lesson 06}}", "{{#lesson 16}}").edit(
            CHAPTER,
            "{{#checks 06}}",
            "{{#checks 99}}",
        )
    });
    assert_says(
        &message,
        &[
            "the book has 2 faults",
            ":3: there is no lesson `16`",
            "there is no lesson `99`",
            "06-echo-server",
        ],
    );
}

#[test]
fn an_unknown_quiz_diagram_or_transcript_is_refused() {
    for (directive, name) in [
        ("quiz", "edges"),
        ("diagram", "two-queues"),
        ("transcript", "strace-epoll"),
        ("unheld", "kqueue"),
    ] {
        let (right, wrong) = (
            format!("{{{{#{directive} {name}}}}}"),
            format!("{{{{#{directive} {name}x}}}}"),
        );
        let message = refused(|demo| demo.edit(CHAPTER, &right, &wrong));
        assert_says(
            &message,
            &[
                &format!("`{name}x`"),
                "there is no ",
                name,
                "no page uses it",
            ],
        );
    }
}

#[test]
fn a_quiz_that_does_not_explain_an_answer_is_refused() {
    let message = refused(|demo| {
        demo.edit(
            "book/src/quizzes/edges.toml",
            "because = \"Events are about",
            "why = \"Events are about",
        )
    });
    assert_says(
        &message,
        &[
            &format!("06-echo-server.md:{}", line_of("{{#quiz ")),
            "in book/src/quizzes/edges.toml",
            "because",
        ],
    );
}

#[test]
fn a_quiz_that_no_page_uses_is_refused() {
    let message = refused(|demo| demo.write("book/src/quizzes/forgotten.toml", ""));
    assert_says(
        &message,
        &[
            "book/src/quizzes/forgotten.toml: no page uses it",
            "{{#quiz forgotten}}",
        ],
    );
}

#[test]
fn a_chapter_that_summary_does_not_list_is_refused() {
    let message = refused(|demo| demo.write("book/src/07-futures.md", "# 07 Futures\n"));
    assert_says(
        &message,
        &["book/src/07-futures.md: SUMMARY.md does not list it"],
    );
}

#[test]
fn a_chapter_that_does_not_exist_is_refused() {
    let message =
        refused(|demo| demo.edit("book/src/SUMMARY.md", "06-echo-server.md", "07-futures.md"));
    assert_says(&message, &["07-futures.md"]);
}

#[test]
fn a_missing_file_or_part_is_refused_also_for_mdbook_s_own_include() {
    let anchor = refused(|demo| {
        demo.edit(
            CHAPTER,
            "{{#source book/samples/read.rs:read}}",
            "{{#source book/samples/read.rs:raed}}",
        )
    });
    assert_says(
        &anchor,
        &["book/samples/read.rs has no part `raed`", "// ANCHOR: raed"],
    );
    let item = refused(|demo| demo.edit(CHAPTER, "fn serve}}", "fn sreve}}"));
    assert_says(
        &item,
        &["solutions/06-echo-server/src/main.rs has 0 items that begin with `fn sreve`"],
    );
    let theirs = refused(|demo| {
        demo.edit(
            CHAPTER,
            "{{#include ../samples/read.rs:read}}",
            "{{#include ../samples/raed.rs}}",
        )
    });
    assert_says(&theirs, &["cannot include ../samples/raed.rs"]);
    let outside =
        refused(|demo| demo.edit(CHAPTER, "{{#source solutions", "{{#source ../solutions"));
    assert_says(&outside, &["no path inside the repository"]);
}

#[test]
fn a_solution_is_never_included_with_its_markers() {
    let message = refused(|demo| {
        demo.edit(
            CHAPTER,
            "../samples/read.rs:read",
            "../../solutions/06-echo-server/src/main.rs",
        )
    });
    assert_says(&message, &["markers and all", "{{#source FILE}}"]);
}

#[test]
fn a_withheld_solution_is_said_and_breaks_nothing() {
    let demo = Demo::new();
    demo.write("solutions/06-echo-server/src/main.rs", "");
    let folder = tempfile::tempdir().unwrap();
    build(&demo.book(), Some(folder.path())).unwrap();
    let page = std::fs::read_to_string(folder.path().join("06-echo-server.html")).unwrap();
    assert_eq!(
        page.matches("does not contain the reference solution of lesson 06")
            .count(),
        3
    );
    assert_says(&page, &["lessons/06-echo-server/src/main.rs"]);
}

#[test]
fn a_block_that_shares_its_line_is_refused() {
    let message = refused(|demo| demo.edit(CHAPTER, "{{#quiz edges}}", "Look: {{#quiz edges}}"));
    assert_says(&message, &["shares its line"]);
}

#[test]
fn a_mistake_that_no_longer_fits_is_refused() {
    let stale = refused(|demo| {
        demo.edit(
            "solutions/06-echo-server/src/main.rs",
            "clients.insert(client)",
            "add(client)",
        )
    });
    assert_says(
        &stale,
        &[
            "`accept-once`: src/main.rs does not contain",
            "in solutions/06-echo-server/mistakes.toml",
        ],
    );
    let unknown = refused(|demo| {
        demo.edit(
            "solutions/06-echo-server/mistakes.toml",
            "accepts_every",
            "accept_every",
        )
    });
    assert_says(
        &unknown,
        &[
            "names the check `accept_every_pending_client`",
            "accepts_every_pending_client",
        ],
    );
}

#[test]
fn a_citation_of_a_crate_that_is_not_pinned_is_refused() {
    let message = refused(|demo| demo.edit(CHAPTER, "{{#cite tokio:", "{{#cite tokoi:"));
    assert_says(&message, &["Cargo.lock pins no crate called `tokoi`"]);
}

const CLAIMS: &str = "book/claims/tests/claims/edges.rs";
const VERIFIED: &str = "book/claims/verified.toml";

#[test]
fn an_unknown_claim_is_refused_and_so_is_one_that_no_page_makes() {
    let (right, wrong) = ("{{#claim an_edge_is_", "{{#claim no_edge_is_");
    let message = refused(|demo| demo.edit(CHAPTER, right, wrong));
    assert_says(
        &message,
        &[
            "there is no claim `no_edge_is_reported_once`",
            "did you mean `an_edge_is_reported_once`?",
            &format!("{CLAIMS}:7: no page makes the claim `an_edge_is_reported_once`"),
            "{{#claim an_edge_is_reported_once}}",
        ],
    );
}

#[test]
fn a_claim_that_says_nothing_or_shares_its_name_is_refused() {
    let silent = refused(|demo| {
        let statement = "/// tokio registers a socket *once*, and the kernel reports each edge once.\n///\n/// In `add_source`.\n";
        demo.edit(CLAIMS, statement, "")
    });
    assert_says(&silent, &[&format!("{CLAIMS}:4 says nothing")]);
    let twice = refused(|demo| {
        let text = "/// Again.\n#[test]\nfn an_edge_is_reported_once() {\n}\n";
        demo.write("book/claims/tests/claims/again.rs", text)
    });
    assert_says(
        &twice,
        &[
            "two claims are called `an_edge_is_reported_once`",
            "again.rs:3",
        ],
    );
}

#[test]
fn a_statement_without_a_source_is_refused() {
    let file = "book/claims/unheld/kqueue.toml";
    let message = refused(|demo| {
        let text = "statement = \"It is so.\"\nbecause = \"I say so\"\nsources = []\n";
        demo.write(file, text)
    });
    assert_says(&message, &["the statement names no source", file]);
}

/// What the demo's page says below its claim after `change`.
fn mark_after(change: impl FnOnce(&Demo) -> &Demo) -> String {
    let demo = Demo::new();
    change(&demo);
    let folder = tempfile::tempdir().unwrap();
    build(&demo.book(), Some(folder.path())).unwrap();
    let page = std::fs::read_to_string(folder.path().join("06-echo-server.html")).unwrap();
    let (_, claim) = page.split_once("data-claim").unwrap();
    let (_, mark) = claim.split_once("<summary>").unwrap();
    mark.split_once("</summary>").unwrap().0.to_owned()
}

#[test]
fn the_mark_of_a_claim_tells_the_versions_and_when_they_are_stale() {
    let held = mark_after(|demo| demo);
    assert_eq!(held, "held by a test, tokio 1.54.1, Linux 6.12");
    let stale = mark_after(|demo| demo.edit(VERIFIED, "1.54.1", "1.53.0"));
    assert_eq!(
        stale,
        "held by a test, tokio 1.53.0, Linux 6.12; not yet with tokio 1.54.1, which this course uses now"
    );
    let young = mark_after(|demo| demo.edit(VERIFIED, "\"an_edge_is_reported_once\"", ""));
    assert_eq!(young, "a test of this exists; no run of it is recorded yet");
}

#[test]
fn a_check_without_a_card_is_refused() {
    let grader = "lessons/06-echo-server/tests/grade.rs";
    let message = refused(|demo| {
        demo.edit(
            grader,
            "/// Whatever a client sends comes back: every byte, in order.\n",
            "",
        )
    });
    assert_says(
        &message,
        &["the check `echoes_every_byte_back` has no card"],
    );
}

#[test]
fn a_warning_of_mdbook_fails_the_build() {
    let message = refused(|demo| {
        demo.edit(
            "book/src/index.md",
            "In a hurry:",
            "<div>In a hurry:</p></div>",
        )
    });
    assert_says(&message, &["mdBook warns", "</p>"]);
}

#[test]
fn the_command_tells_a_fault_by_its_exit_code() {
    let demo = Demo::new();
    demo.edit(CHAPTER, "{{#quiz edges}}", "");
    let out = Command::new(env!("CARGO_BIN_EXE_reader"))
        .arg("build")
        .arg(demo.book())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert_says(
        &String::from_utf8_lossy(&out.stderr),
        &["quizzes/edges.toml: no page uses it"],
    );
    let none = Command::new(env!("CARGO_BIN_EXE_reader"))
        .arg("biuld")
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(none.code(), Some(2));
}

#[test]
fn the_samples_can_be_shown() {
    let repository =
        reader::repository::Repository::around(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .unwrap();
    let page = reader::page::Page {
        repository: &repository,
        path: Path::new("01-blocking.md"),
        contents: &[],
    };
    let shown =
        reader::directives::source::render(&page, "book/samples/src/bin/blocking_read.rs:read")
            .unwrap();
    assert_says(&shown, &["\nlet n = io::stdin().read(&mut buffer)?;\n"]);
}
