//! The crates that a scratch package is built from: on this machine before its build begins.
//!
//! A new machine has none of them, and each build fetches only its own. What is here already is
//! used as it is, without a network; only what is missing is asked for.
//!
//! Invariant: a build that begins after [`fetch`] has found everything needs no network.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::grade::diagnostics::Diagnostics;
use crate::system::process::{self, Cancel, Ended};

/// What came of looking for crates.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// All are here.
    Here,
    /// Some are not, and cannot be had: what cargo said, when it was collected.
    Missing(String),
    /// It was cancelled.
    Cancelled,
}

/// Sees to it that every crate of the package in `folder` is here, for this kind of machine. What
/// cargo says while it downloads goes where `diagnostics` says; `scratch` is for what is collected.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn fetch(
    folder: &Path,
    diagnostics: Diagnostics,
    scratch: &Path,
    cancel: &Cancel,
) -> Result<Fetched> {
    let mut without_network = cargo_fetch(folder);
    without_network
        .args(["--offline", "--quiet"])
        .stderr(Stdio::null());
    match run(&mut without_network, cancel)? {
        Ended::Exited(status) if !status.success() => {}
        ended => return Ok(outcome(ended, String::new)),
    }
    let said = scratch.join("fetch");
    let mut with_network = cargo_fetch(folder);
    if diagnostics == Diagnostics::Collected {
        with_network.arg("--quiet").stderr(File::create(&said)?);
    }
    let ended = run(&mut with_network, cancel)?;
    let said = || String::from_utf8_lossy(&fs::read(&said).unwrap_or_default()).into_owned();
    Ok(outcome(ended, said))
}

fn outcome(ended: Ended, said: impl FnOnce() -> String) -> Fetched {
    match ended {
        Ended::Exited(status) if status.success() => Fetched::Here,
        Ended::Exited(_) => Fetched::Missing(said()),
        Ended::Cancelled | Ended::OutOfTime => Fetched::Cancelled,
    }
}

/// Other kinds of machines want crates that are never built here.
fn cargo_fetch(folder: &Path) -> Command {
    let mut command = process::cargo();
    command.arg("fetch").current_dir(folder);
    if let Some(host) = process::host() {
        command.args(["--target", host]);
    }
    command
}

fn run(command: &mut Command, cancel: &Cancel) -> Result<Ended> {
    process::run(command.stdout(Stdio::null()), None, cancel)
        .context("cannot start cargo; is Rust installed? See https://rustup.rs")
}
