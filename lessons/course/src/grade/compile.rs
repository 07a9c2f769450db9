//! Building a subject together with its grader, and finding out whose fault it is when that fails.
//!
//! Invariant: the compiler's words reach the learner as cargo prints them; an error in the grader
//! or the kit is never blamed on the learner.
//!
//! Longer than others: a case, and its test, for each way in which a build can fail.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use crate::catalog::workspace::Workspace;
use crate::error::Error;
use crate::grade::diagnostics::Diagnostics;
use crate::grade::downloads::{self, Fetched};
use crate::grade::subject::Subject;
use crate::system::process::{self, Cancel, Ended};

/// The result of building.
#[derive(Debug)]
pub enum Built {
    /// The test binary that holds the checks.
    Grader {
        /// Where it is.
        executable: PathBuf,
        /// What the compiler warns of, when its words were collected; empty when it has nothing to
        /// say.
        warnings: String,
    },
    /// It does not compile.
    Broken(Broken),
    /// It was cancelled.
    Cancelled,
}

/// Why there is nothing to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Whose code the first error is in.
    pub whose: Blame,
    /// That error in one line, with its place; empty when it is in nobody's code.
    pub error: String,
    /// Cargo's output, if it was collected; otherwise empty.
    pub output: String,
}

/// Whose code does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The program that is to be graded: the compiler has said something about a line of it.
    Program,
    /// `grade.rs`, although the program compiles: the program's public signatures have changed, or
    /// `grade.rs` has.
    Grader,
    /// Another crate of the course: the kit, or a floor below.
    Course,
    /// Nobody's: crates are not on this machine, and cargo cannot get them.
    Crates,
    /// Nobody's: there is no room to build in.
    Disk,
    /// Nobody's: there is no linker, or it does not work.
    Linker,
    /// Nobody's here: a dependency does not build, or cargo refuses.
    Machine,
}

/// Builds `subject` and its grader.
///
/// # Errors
/// When cargo cannot be started, or builds something without saying where.
pub fn compile(
    workspace: &Workspace,
    subject: &Subject,
    diagnostics: Diagnostics,
    cancel: &Cancel,
) -> Result<Built> {
    let scratch = scratch(workspace)?;
    if subject.offline {
        match downloads::fetch(&subject.base, diagnostics, scratch.path(), cancel)? {
            Fetched::Here => {}
            Fetched::Cancelled => return Ok(Built::Cancelled),
            Fetched::Missing(output) => {
                return Ok(Built::Broken(Broken {
                    whose: Blame::Crates,
                    error: String::new(),
                    output,
                }));
            }
        }
    }
    let heard = scratch.path().join("stderr");
    let mut command = cargo(workspace, subject);
    if diagnostics == Diagnostics::Collected {
        // With `--quiet`, cargo prints the compiler's words but not its own progress.
        command.arg("--quiet").stderr(File::create(&heard)?);
    }
    let Some((success, messages)) = listen(
        command.arg("--message-format=json-render-diagnostics"),
        scratch.path(),
        cancel,
    )?
    else {
        return Ok(Built::Cancelled);
    };
    if cancel.is_cancelled() {
        return Ok(Built::Cancelled);
    }
    let output = fs::read(heard).unwrap_or_default();
    let output = String::from_utf8_lossy(&output).into_owned();
    if !success {
        return Ok(match whose_fault(workspace, subject, cancel)? {
            Some((whose, error)) => Built::Broken(Broken {
                whose,
                error,
                output,
            }),
            None => Built::Cancelled,
        });
    }
    let is_grader = |message: &&Message| message.is_of(subject) && message.target.is("test");
    let grader = messages
        .iter()
        .filter(is_grader)
        .find_map(|message| message.executable.clone());
    let executable = grader.ok_or_else(|| {
        anyhow!(
            "cargo did not say where the grader of {} is",
            subject.package
        )
    })?;
    Ok(Built::Grader {
        executable,
        warnings: output,
    })
}

/// How the name of a temporary folder begins.
const SCRATCH: &str = ".tmp";
/// A temporary folder this long unchanged was left behind by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a temporary folder in the target folder. If the course is killed, `cargo clean` removes
/// it, and so does the course itself a day later.
///
/// # Errors
/// When the target folder cannot be written to.
pub fn scratch(workspace: &Workspace) -> Result<tempfile::TempDir> {
    let shelf = workspace.target().join("course");
    let cannot_write = |error: std::io::Error| Error::cannot_write(&shelf, &error);
    fs::create_dir_all(&shelf).map_err(cannot_write)?;
    sweep(&shelf);
    Ok(tempfile::Builder::new()
        .prefix(SCRATCH)
        .tempdir_in(&shelf)
        .map_err(cannot_write)?)
}

/// Removes temporary folders that were left behind; one that cannot be removed stays.
fn sweep(shelf: &Path) {
    for entry in fs::read_dir(shelf).into_iter().flatten().flatten() {
        let is_scratch = entry.file_name().to_string_lossy().starts_with(SCRATCH);
        let age = entry.metadata().and_then(|about| about.modified());
        let age = age.ok().and_then(|changed| changed.elapsed().ok());
        if is_scratch && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn cargo(workspace: &Workspace, subject: &Subject) -> Command {
    let mut command = process::cargo();
    command.current_dir(&subject.base).args([
        "test",
        "--no-run",
        "--test",
        "grade",
        "--package",
        &subject.package,
    ]);
    command.arg("--target-dir").arg(workspace.target());
    if let Some(feature) = subject.feature {
        command.arg("--features");
        command.arg(format!("{}/{feature}", subject.package));
    }
    if subject.offline {
        command.arg("--offline");
    } else {
        // Adding this crate makes cargo choose the same features of dependencies that this program
        // was built with, so a fresh clone does not build serde and others twice. This crate has no
        // test called `grade`, so it adds no test.
        command.args(["--package", env!("CARGO_PKG_NAME")]);
    }
    command
}

/// Runs cargo and reads its JSON messages; `None` when cancelled.
pub(crate) fn listen(
    command: &mut Command,
    scratch: &Path,
    cancel: &Cancel,
) -> Result<Option<(bool, Vec<Message>)>> {
    let said = scratch.join("stdout");
    let ended = process::run(command.stdout(File::create(&said)?), None, cancel)
        .context("cannot start cargo; is Rust installed? See https://rustup.rs")?;
    let Ended::Exited(status) = ended else {
        return Ok(None);
    };
    let text = fs::read_to_string(said)?;
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    Ok(Some((status.success(), messages)))
}

/// Asks cargo again, quietly and in JSON, whose code the errors are in, and for the first of them
/// in one line; `None` when cancelled. The failing crate is all that is compiled again, and only
/// until it fails.
pub(crate) fn whose_fault(
    workspace: &Workspace,
    subject: &Subject,
    cancel: &Cancel,
) -> Result<Option<(Blame, String)>> {
    let scratch = scratch(workspace)?;
    let heard = scratch.path().join("stderr");
    let mut command = cargo(workspace, subject);
    command
        .stderr(File::create(&heard)?)
        .arg("--message-format=json");
    let Some((_, messages)) = listen(&mut command, scratch.path(), cancel)? else {
        return Ok(None);
    };
    let said = fs::read(heard).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    Ok(Some(blame(workspace.root(), subject, &messages, &said)))
}

/// Finds whose code the first error is in. Only a compiler error about a line of code is blamed on
/// that code's owner; an error of cargo, the linker or the system is blamed on nobody.
fn blame(root: &Path, subject: &Subject, messages: &[Message], said: &str) -> (Blame, String) {
    const FULL: &str = "No space left on device";
    const UNREACHED: [&str; 5] = [
        "--offline was specified",
        "using offline mode",
        "failed to download",
        "Unable to update registry",
        "no matching package named",
    ];
    let errors = || messages.iter().filter(|message| message.is_error());
    let ours = |message: &&Message| message.manifest_path.starts_with(root);
    let about_code = || errors().filter(|message| message.place().is_some());
    // A program may say in its own errors whatever it likes.
    let about_no_code = || errors().filter(|message| message.place().is_none());
    let in_program = |message: &&Message| message.is_of(subject) && !message.target.is("test");
    let in_grader = |message: &&Message| message.is_of(subject) && message.target.is("test");
    if said.contains(FULL) || about_no_code().any(|message| message.says(FULL)) {
        (Blame::Disk, String::new())
    } else if let Some(error) = about_code().find(in_program) {
        (Blame::Program, error.in_one_line())
    } else if let Some(error) = about_code().find(|error| !error.is_of(subject) && ours(error)) {
        (Blame::Course, error.in_one_line())
    } else if let Some(error) = about_code().find(in_grader) {
        (Blame::Grader, error.in_one_line())
    } else if about_no_code().any(Message::is_about_linking) {
        (Blame::Linker, String::new())
    } else if UNREACHED.iter().any(|words| said.contains(words)) {
        (Blame::Crates, String::new())
    } else {
        (Blame::Machine, String::new())
    }
}

/// The part of cargo's JSON messages that is needed here.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    pub(crate) target: Target,
    #[serde(default)]
    pub(crate) executable: Option<PathBuf>,
    #[serde(default)]
    message: Option<Diagnostic>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Target {
    #[serde(default)]
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    #[serde(default)]
    spans: Vec<Span>,
}

#[derive(Debug, Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
}

impl Message {
    pub(crate) fn is_of(&self, subject: &Subject) -> bool {
        self.manifest_path == subject.folder.join("Cargo.toml")
    }

    /// The linker was not found, or failed.
    fn is_about_linking(&self) -> bool {
        self.says("linker `") || self.says("linking with `")
    }

    fn says(&self, words: &str) -> bool {
        let about = self.message.as_ref();
        about.is_some_and(|about| about.message.contains(words))
    }

    /// The place in a file that it is about, if it is about one.
    fn place(&self) -> Option<&Span> {
        let mut spans = self.message.as_ref()?.spans.iter();
        spans.find(|span| span.is_primary)
    }

    fn in_one_line(&self) -> String {
        let about = self.message.as_ref().map_or("", |about| &about.message);
        let words = about.lines().next().unwrap_or_default();
        match self.place() {
            Some(Span {
                file_name,
                line_start,
                ..
            }) => format!("{words} ({file_name}:{line_start})"),
            None => words.to_owned(),
        }
    }

    fn is_error(&self) -> bool {
        self.message
            .as_ref()
            .is_some_and(|message| message.level.starts_with("error"))
    }
}

impl Target {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind.iter().any(|of| of == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is blamed for one error in the package `of`, about `file` or about none.
    fn blamed(of: &str, kind: &str, words: &str, file: Option<&str>, said: &str) -> Blame {
        let span =
            |file: &str| format!(r#"{{"file_name":"{file}","line_start":3,"is_primary":true}}"#);
        let message = format!(
            r#"{{"manifest_path":"{of}/Cargo.toml","target":{{"kind":["{kind}"]}},
                "message":{{"level":"error","message":"{words}","spans":[{}]}}}}"#,
            file.map_or(String::new(), span)
        );
        let messages = [serde_json::from_str(&message).unwrap()];
        blame(Path::new("/course"), &subject(), &messages, said).0
    }

    /// A program in a target folder outside the course.
    fn subject() -> Subject {
        Subject {
            package: "lesson-06--src".into(),
            folder: "/elsewhere/06/src".into(),
            base: "/elsewhere/06/src".into(),
            origin: None,
            grader: "/course/lessons/06/tests/grade.rs".into(),
            model: None,
            feature: None,
            offline: true,
        }
    }

    #[test]
    fn what_the_compiler_says_of_a_line_tells_whose_fault_it_is() {
        let program = "/elsewhere/06/src";
        let line = Some("src/main.rs");
        let said = |of, kind, file| blamed(of, kind, "mismatched types", file, "");
        assert_eq!(said(program, "bin", line), Blame::Program);
        assert_eq!(said(program, "test", line), Blame::Grader);
        assert_eq!(said("/course/lessons/grader", "lib", line), Blame::Course);
        assert_eq!(said("/home/registry/bytes", "lib", line), Blame::Machine);
        assert_eq!(said(program, "bin", None), Blame::Machine);
    }

    #[test]
    fn what_is_not_about_a_line_is_nobodys_fault() {
        let program = "/elsewhere/06/src";
        let said = |words, said| blamed(program, "bin", words, None, said);
        let full = "linking with `cc` failed: No space left on device";
        assert_eq!(said("linker `cc` not found", ""), Blame::Linker);
        assert_eq!(said(full, ""), Blame::Disk);
        assert_eq!(
            said("", "error: No space left on device (os error 28)"),
            Blame::Disk
        );
        assert_eq!(
            said("", "error: failed to download `bytes v1.12.1`"),
            Blame::Crates
        );
        assert_eq!(said("", "error: failed to parse manifest"), Blame::Machine);
    }

    #[test]
    fn a_program_that_says_itself_that_the_disk_is_full_does_not_compile() {
        let program = "/elsewhere/06/src";
        let words = "No space left on device";
        let line = Some("src/main.rs");
        assert_eq!(blamed(program, "bin", words, line, ""), Blame::Program);
    }

    #[test]
    fn nothing_said_at_all_is_not_the_programs_fault() {
        let (whose, error) = blame(Path::new("/course"), &subject(), &[], "");
        assert_eq!((whose, error.as_str()), (Blame::Machine, ""));
    }
}
