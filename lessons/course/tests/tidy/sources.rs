//! The source files that are held to the rules: those that git knows, without what learners write.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A source file of the course.
pub(crate) struct Source {
    /// From the root of the repository: `lessons/course/src/lib.rs`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl Source {
    /// The place of a line, which counts from 0 here and from 1 for a reader.
    pub(crate) fn at(&self, line: usize) -> String {
        format!("{}:{}", self.path, line + 1)
    }

    /// Its lines, each with its place.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (String, &str)> {
        let lines = self.text.lines().enumerate();
        lines.map(|(number, line)| (self.at(number), line))
    }
}

/// All of them. Where git or its folder is missing there are none, except in CI, which needs both.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let git = Command::new("git")
        .args(["ls-files", "-z", "--", "*.rs"])
        .current_dir(&root)
        .output();
    let listed = git.ok().filter(|git| git.status.success());
    let Some(listed) = listed else {
        assert!(env::var_os("CI").is_none(), "git lists no files here");
        eprintln!("skipped: git lists no files here");
        return Vec::new();
    };
    let listed = String::from_utf8(listed.stdout).unwrap();
    let ours = listed.split_terminator('\0').filter(|path| is_ours(path));
    // A file that git knows may be gone: a solution that is withheld, a lesson thrown away.
    ours.filter_map(|path| {
        let text = fs::read_to_string(root.join(path)).ok()?;
        let path = path.to_owned();
        Some(Source { path, text })
    })
    .collect()
}

/// Whether a file is in the course's own hands. In a lesson only the grader is: its stub is derived
/// from the solution, and then the learner's.
fn is_ours(path: &str) -> bool {
    !is_of_a_lesson(path) || is_of_a_grader(path)
}

/// `lessons/06-echo-server/…`, and not the tooling beside it.
fn is_of_a_lesson(path: &str) -> bool {
    let lesson = path.strip_prefix("lessons/");
    lesson.is_some_and(|lesson| lesson.starts_with(|c: char| c.is_ascii_digit()))
}

/// `lessons/06-echo-server/tests/grade.rs`, or a file that it is split into.
fn is_of_a_grader(path: &str) -> bool {
    is_of_a_lesson(path) && path.contains("/tests/grade")
}

/// Whether a file is one of the programs that learners compare theirs with.
pub(crate) fn is_of_a_solution(path: &str) -> bool {
    path.starts_with("solutions/")
}

#[test]
fn what_a_learner_writes_is_held_to_nothing() {
    assert!(!is_ours("lessons/06-echo-server/src/main.rs"));
    assert!(!is_ours("lessons/06-echo-server/tests/mine.rs"));
    assert!(is_ours("lessons/06-echo-server/tests/grade.rs"));
    assert!(is_ours("lessons/09-reactor/tests/grade/program.rs"));
    assert!(is_ours("lessons/grader/src/check.rs"));
    assert!(is_ours("solutions/06-echo-server/src/main.rs"));
}
