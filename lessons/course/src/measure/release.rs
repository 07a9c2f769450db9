//! Builds a program for measuring: optimised, the learner's and the reference alike.
//!
//! Verdicts are about behaviour and use the debug build, which is quicker to make. Figures are
//! about cost, and a debug build would add its own.

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::catalog::workspace::Workspace;
use crate::grade::compile::{Blame, Broken, listen, scratch, whose_fault};
use crate::grade::subject::Subject;
use crate::system::process::{self, Cancel};

/// The result of building.
#[derive(Debug)]
pub enum Released {
    /// The program.
    Program(PathBuf),
    /// It does not compile; cargo has printed why.
    Broken(Broken),
}

/// Builds the program of `subject`.
///
/// # Errors
/// When cargo cannot be started, or builds something without saying where.
pub fn release(workspace: &Workspace, subject: &Subject) -> Result<Released> {
    let scratch = scratch(workspace)?;
    let cancel = Cancel::default();
    let mut command = process::cargo();
    command
        .current_dir(&subject.base)
        .args(["build", "--release", "--package", &subject.package])
        .arg("--message-format=json-render-diagnostics")
        .arg("--target-dir")
        .arg(workspace.target());
    let Some((true, messages)) = listen(&mut command, scratch.path(), &cancel)? else {
        // This build is never cancelled.
        let nobody = (Blame::Machine, String::new());
        let (whose, error) = whose_fault(workspace, subject, &cancel)?.unwrap_or(nobody);
        return Ok(Released::Broken(Broken {
            whose,
            error,
            output: String::new(),
        }));
    };
    let program = messages
        .iter()
        .filter(|message| message.is_of(subject) && message.target.is("bin"))
        .find_map(|message| message.executable.clone());
    program.map(Released::Program).ok_or_else(|| {
        let package = &subject.package;
        anyhow!("cargo did not say where the program of {package} is")
    })
}
