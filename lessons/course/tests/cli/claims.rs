//! Running what holds a sentence of the book.

use std::path::Path;

use course::catalog::sources::Sources;
use predicates::prelude::*;
use predicates::str::contains;

use crate::scratch::Scratch;

const PIPES: &str = "book/claims/tests/claims/pipes.rs";
const VERIFIED: &str = "book/claims/verified.toml";
const NAME: &str = "a_pipe_keeps_what_is_written";

/// The scratch copy, with a book that makes one claim.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/claims");
    let claims = Sources::read(&fixture).unwrap();
    claims.write(&scratch.root.join("book/claims")).unwrap();
    scratch.keep("book/claims/src/lib.rs", "//! Nothing.\n");
    scratch.replace(
        "Cargo.toml",
        "members = [\"lessons/*\", \"solutions/*\"]",
        "members = [\"lessons/*\", \"solutions/*\", \"book/claims\"]",
    );
    scratch
}

#[test]
fn a_claim_is_run_and_shows_what_it_saw() {
    scratch()
        .ends_with(0, &["claim", NAME])
        .stdout(contains("A pipe of mio's keeps what is written to it."))
        .stdout(contains("| seven bytes").and(contains("It holds: Linux ")))
        .stdout(contains(format!("{PIPES}:5")));
}

#[test]
fn without_a_name_the_claims_are_listed() {
    scratch()
        .ends_with(0, &["claim"])
        .stdout(contains("pipes\n  a_pipe_keeps"))
        .stdout(contains("1 claim. To run it").and(contains(format!("claim {NAME}"))));
}

#[test]
fn an_unknown_claim_says_which_one_was_meant() {
    scratch()
        .ends_with(2, &["claim", "a_pipe_keeps"])
        .stderr(contains("There is no claim `a_pipe_keeps`."))
        .stderr(contains(format!("Did you mean {NAME}?")));
}

#[test]
fn a_run_that_holds_is_recorded_once_and_one_that_does_not_never() {
    let scratch = scratch();
    scratch
        .ends_with(1, &["claim", "--check"])
        .stdout(contains("cargo course claim --record"));
    scratch.replace(PIPES, "Ok(())", "panic!(\"six\")");
    scratch
        .ends_with(1, &["claim", "--record"])
        .stdout(contains("0 of 1 claims held").and(contains("Nothing is recorded")));
    scratch
        .ends_with(1, &["claim", NAME])
        .stdout(contains("It does not hold").and(contains("| seven bytes")));
    scratch.replace(PIPES, "panic!(\"six\")", "Ok(())");
    scratch
        .ends_with(0, &["claim", "--record"])
        .stdout(contains("1 of 1 claims held").and(contains(VERIFIED)));
    assert!(scratch.read(VERIFIED).contains(NAME));
    scratch.ends_with(0, &["claim", "--check"]);
    scratch
        .ends_with(0, &["claim", "--record"])
        .stdout(contains("says so already"));
}
