//! Building a subject together with its grader, and finding out whose fault it is when that fails.
//!
//! Invariant: what the compiler says reaches the learner as cargo prints it; an error in the grader or
//! the kit is never blamed on them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use crate::process::{self, Cancel, Ended};
use crate::subject::Subject;
use crate::workspace::Workspace;

/// Where cargo's own words go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnostics {
    /// To the terminal, as they come.
    Shown,
    /// Into the result, for whoever shows them elsewhere.
    Collected,
}

/// What came of building.
#[derive(Debug)]
pub enum Built {
    /// The test binary that holds the checks.
    Grader {
        /// Where it is.
        executable: PathBuf,
        /// What the compiler warns of, when its words were collected; empty when it has nothing to say.
        warnings: String,
    },
    /// It does not compile.
    Broken {
        /// Whose code the first error is in.
        whose: Whose,
        /// What cargo said, when it was collected.
        output: String,
    },
    /// It was cancelled.
    Cancelled,
}

/// Whose code does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The program that is to be graded.
    Program,
    /// `grade.rs`, although the program compiles: it meets a public signature that has changed, or was
    /// itself changed.
    Grader,
    /// Another crate of the course: the kit, or a floor below.
    Course,
    /// Nobody's here: a dependency does not build, or there is no linker.
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
    let heard = scratch.path().join("stderr");
    let mut command = cargo(workspace, subject);
    if diagnostics == Diagnostics::Collected {
        // Quiet, it says what the compiler says, and nothing of its own progress.
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
        return Ok(Built::Broken {
            whose: whose_fault(workspace, subject, cancel)?,
            output,
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
/// This long after its last change a temporary folder belongs to a process that was killed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// A temporary folder, where `cargo clean` finds it if the course is killed, and the course itself a day later.
///
/// # Errors
/// When the target folder cannot be written to.
pub fn scratch(workspace: &Workspace) -> Result<tempfile::TempDir> {
    let shelf = workspace.target().join("course");
    let read_only = |error: std::io::Error| crate::error::Error::ReadOnly {
        path: shelf.clone(),
        reason: error.to_string(),
    };
    fs::create_dir_all(&shelf).map_err(read_only)?;
    sweep(&shelf);
    Ok(tempfile::Builder::new()
        .prefix(SCRATCH)
        .tempdir_in(&shelf)
        .map_err(read_only)?)
}

/// Removes what was left behind. What cannot be looked at or removed stays; it is in nobody's way.
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
        // With this crate beside it, cargo settles on the features that this very program was built with,
        // and a fresh clone does not build serde and its like twice. It has no test called `grade`.
        command.args(["--package", env!("CARGO_PKG_NAME")]);
    }
    command
}

/// Runs cargo and reads what it says in JSON; `None` when cancelled.
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

/// Asks cargo again, quietly and in JSON, whose code the errors are in. The failing crate is all that
/// is compiled again, and only until it fails.
pub(crate) fn whose_fault(
    workspace: &Workspace,
    subject: &Subject,
    cancel: &Cancel,
) -> Result<Whose> {
    let scratch = scratch(workspace)?;
    let mut command = cargo(workspace, subject);
    command.stderr(Stdio::null()).arg("--message-format=json");
    let Some((_, messages)) = listen(&mut command, scratch.path(), cancel)? else {
        return Ok(Whose::Program);
    };
    let errors: Vec<_> = messages
        .iter()
        .filter(|message| message.is_error())
        .collect();
    let ours = |message: &&Message| message.manifest_path.starts_with(workspace.root());
    let in_program = |message: &&Message| message.is_of(subject) && !message.target.is("test");
    Ok(
        if errors
            .iter()
            .any(|message| message.is_about_linking() || !ours(message))
        {
            Whose::Machine
        } else if errors.is_empty() || errors.iter().any(in_program) {
            Whose::Program
        } else if errors.iter().any(|message| !message.is_of(subject)) {
            Whose::Course
        } else {
            Whose::Grader
        },
    )
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
}

impl Message {
    pub(crate) fn is_of(&self, subject: &Subject) -> bool {
        self.manifest_path == subject.folder.join("Cargo.toml")
    }

    fn is_about_linking(&self) -> bool {
        self.message
            .as_ref()
            .is_some_and(|message| message.message.starts_with("linker `"))
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
