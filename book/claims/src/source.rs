//! The pinned sources of tokio and mio, for claims about what stands in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use course::claims::crate_sources::{self, Source};
use grader::{Checked, Stop};

/// The text of `file`, from the root of the crate called `krate` in the version that `Cargo.lock`
/// pins.
///
/// For a [`claim_of_text`](crate::claim_of_text): cargo is asked where the sources are, and may
/// have to wait for another cargo.
///
/// # Errors
/// Skipped, when the sources are not on this machine.
///
/// # Panics
/// When the pinned version has no such file.
pub fn text(krate: &str, file: &str) -> Checked<String> {
    static SOURCES: OnceLock<Option<BTreeMap<String, Source>>> = OnceLock::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(sources) = SOURCES.get_or_init(|| crate_sources::sources(&root)) else {
        let words = "the pinned sources are not on this machine; `cargo fetch` brings them";
        return Err(Stop::Skipped(words.into()));
    };
    let source = sources
        .get(krate)
        .unwrap_or_else(|| panic!("Cargo.lock pins no {krate}"));
    let path = source.folder.join(file);
    Ok(fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{krate} {}: {file}: {error}", source.version)))
}
