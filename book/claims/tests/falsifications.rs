//! Every claim is made red by something, or says why nothing can: what `falsify/*.toml` owes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use claims::falsification::Falsifications;
use course::claims::{Claim, crate_sources};

/// So many claims at most may be held by reading alone.
const AT_MOST_BY_READING: usize = 10;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> PathBuf {
    package().join("../..")
}

fn all() -> Falsifications {
    Falsifications::read(&package().join("falsify")).unwrap()
}

#[test]
fn every_claim_has_a_falsification_or_a_reason() {
    let all = all();
    let names: BTreeSet<String> = Claim::all(&root())
        .unwrap()
        .into_iter()
        .map(|claim| claim.name)
        .collect();
    let made: BTreeSet<&String> = all.made.iter().flat_map(|made| &made.red).collect();
    let read: BTreeSet<&String> = all.by_reading.iter().map(|one| &one.claim).collect();
    let neither: Vec<_> = names
        .iter()
        .filter(|name| !made.contains(name) && !read.contains(name))
        .collect();
    assert!(
        neither.is_empty(),
        "in falsify/ nothing turns these red: {neither:#?}"
    );
    let both: Vec<_> = made.intersection(&read).collect();
    assert!(
        both.is_empty(),
        "these need no reason, they can be red: {both:#?}"
    );
    let unknown: Vec<_> = made
        .union(&read)
        .filter(|name| !names.contains(**name))
        .collect();
    assert!(
        unknown.is_empty(),
        "falsify/ names claims that do not exist: {unknown:#?}"
    );
    assert!(
        read.len() <= AT_MOST_BY_READING,
        "{} are held by reading",
        read.len()
    );
    assert!(all.by_reading.iter().all(|one| !one.because.is_empty()));
    assert!(all.made.iter().all(|made| !made.edits.is_empty()));
}

#[test]
fn every_edit_fits_its_source() {
    let all = all();
    let text = |path: PathBuf| -> Result<String> {
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let tests = package().join("tests/claims");
    all.edited(None, |file| text(tests.join(file))).unwrap();
    let Some(sources) = crate_sources::sources(&root()) else {
        println!("the pinned sources are not on this machine; `cargo fetch` brings them");
        return;
    };
    for krate in ["tokio", "mio"] {
        let folder = &sources[krate].folder;
        all.edited(Some(krate), |file| text(folder.join(file)))
            .unwrap();
    }
}
