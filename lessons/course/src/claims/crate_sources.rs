//! Finds the sources of the crates that `Cargo.lock` pins, where cargo keeps them; the book's
//! citations are checked against these.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::system::process;

/// A crate's pinned version and the folder of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The version, `1.54.1`.
    pub version: String,
    /// The folder with its `Cargo.toml`.
    pub folder: PathBuf,
}

/// Every crate that the workspace in `root` is built from, by name. Cargo tells of all or of none,
/// and a new machine lacks those of packages that nobody has built yet: then the network is used.
/// `None` if they cannot be had.
pub fn sources(root: &Path) -> Option<BTreeMap<String, Source>> {
    let metadata = metadata(root, &["--offline"]).or_else(|| metadata(root, &[]))?;
    let package = |package: &serde_json::Value| {
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        let folder = PathBuf::from(text("manifest_path")?).parent()?.to_owned();
        let version = text("version")?;
        Some((text("name")?, Source { version, folder }))
    };
    metadata["packages"]
        .as_array()?
        .iter()
        .map(package)
        .collect()
}

/// What cargo tells of the workspace; `None` if it lacks a crate.
fn metadata(root: &Path, network: &[&str]) -> Option<serde_json::Value> {
    let out = process::cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", process::host()?])
        .args(network)
        .current_dir(root)
        .output()
        .ok()?;
    serde_json::from_slice(&out.stdout).ok()
}
