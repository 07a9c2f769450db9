//! The versions that `Cargo.lock` pins: the book names them wherever it speaks of a crate.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fault::Problem;
use crate::repository::Repository;

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// The one version of `name` in the lock file.
///
/// # Errors
/// When the lock file does not name the crate, or names several versions of it.
pub fn version(repository: &Repository, name: &str) -> Result<String, Problem> {
    let locked = repository.locked.get_or_init(|| read(repository));
    let versions = locked.as_ref().map_err(Problem::clone)?.get(name);
    match versions.map_or(&[][..], Vec::as_slice) {
        [version] => Ok(version.clone()),
        [] => Err(Problem::new(
            format!("Cargo.lock pins no crate called `{name}`"),
            format!("add it to book/server/Cargo.toml, `cargo add --dev --package reader {name}`"),
        )),
        [one, other, ..] => Err(Problem::new(
            format!("Cargo.lock pins two versions of `{name}`, {one} and {other}"),
            "a citation must mean one of them: bring the workspace to one version",
        )),
    }
}

/// The versions of every crate in the lock file.
fn read(repository: &Repository) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let text = repository.read("Cargo.lock")?;
    let lock: Lock = toml::from_str(&text).map_err(|error| {
        Problem::new(
            format!("Cargo.lock cannot be read: {}", error.message()),
            "run `cargo check`",
        )
        .in_file("Cargo.lock")
    })?;
    let mut versions = BTreeMap::<_, Vec<_>>::new();
    for Package { name, version } in lock.package {
        versions.entry(name).or_default().push(version);
    }
    Ok(versions)
}
