//! Downloads the crates that a scratch package is built from, before its build begins.
//!
//! A new machine has none of them. Cargo first looks without a network; only if a crate is missing
//! is the network used.
//!
//! Invariant: a build that begins after [`fetch`] has found everything needs no network.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::grade::diagnostics::Diagnostics;
use crate::system::process::{self, Cancel, Ended};

/// The result of looking for crates.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// All are here.
    Here,
    /// Some are missing and could not be downloaded; holds cargo's output, if it was collected.
    Missing(String),
    /// It was cancelled.
    Cancelled,
}

/// Makes sure that every crate of the package in `folder` is on this machine. Cargo's output while
/// it downloads goes where `diagnostics` says; collected output is kept in the folder `scratch`.
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

/// Fetches for this machine's target only: other targets need crates that are never built here.
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
