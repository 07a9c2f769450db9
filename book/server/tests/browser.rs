//! The live book in a real browser: headless Chromium, driven by the scripts in `browser/`.
//!
//! They need `chromium`, `node`, and what `npm ci --prefix book/server/tests/browser` brings. Where
//! one of these is missing this is skipped, visibly; in CI it is not.

#[path = "live/chapter.rs"]
mod chapter;
#[expect(dead_code, reason = "the scripts fill in the lesson themselves")]
#[path = "../../../lessons/course/tests/cli/checkout.rs"]
mod checkout;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use checkout::Scratch;

/// The scripts.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser")
}

/// The browser, unless something is missing; that is said where a passing
/// test's output is seen too.
fn browser() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    };
    let browser = find("chromium")
        .or_else(|| find("chromium-browser"))
        .or_else(|| find("google-chrome"));
    let missing = match &browser {
        None => "chromium is not installed",
        Some(_) if find("node").is_none() => "node is not installed",
        Some(_) if !scripts().join("node_modules").is_dir() => {
            "its packages are missing: npm ci --prefix book/server/tests/browser"
        }
        Some(_) => return browser,
    };
    assert!(
        env::var_os("CI").is_none(),
        "nothing is skipped in CI, and {missing}"
    );
    let _ = writeln!(
        std::io::stderr(),
        "skipped: the book in a browser: {missing}"
    );
    None
}

fn run(script: &str, browser: &Path, surroundings: &[(&str, PathBuf)]) {
    let status = Command::new("node")
        .arg(scripts().join(script))
        .env("CHROMIUM", browser)
        .env("READER", env!("CARGO_BIN_EXE_reader"))
        .envs(surroundings.iter().cloned())
        .status()
        .unwrap();
    assert!(status.success(), "{script} tells above what failed");
}

#[test]
fn a_learner_goes_through_a_lesson() {
    let Some(browser) = browser() else { return };
    let scratch = Scratch::new();
    chapter::lay_out_a_book(&scratch);
    let checkout = [("CHECKOUT", scratch.root.clone())];
    run(
        "learner.mjs",
        &browser,
        &[&scratch.surroundings()[..], &checkout].concat(),
    );
}

#[test]
fn every_page_is_small_and_readable() {
    let Some(browser) = browser() else { return };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let course = here.parent().and_then(Path::parent).unwrap();
    // A copy, so that the test changes and grades nothing in the real checkout.
    let folder = tempfile::tempdir().unwrap();
    for part in ["Cargo.toml", "Cargo.lock", "book", "lessons", "solutions"] {
        copy(&course.join(part), &folder.path().join(part));
    }
    let target = folder.path().join("target");
    let surroundings = [
        ("CARGO_TARGET_DIR", target),
        ("BOOK", folder.path().join("book")),
    ];
    run("pages.mjs", &browser, &surroundings);
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if name != "node_modules" && name != "target" {
            copy(&entry.path(), &to.join(name));
        }
    }
}
