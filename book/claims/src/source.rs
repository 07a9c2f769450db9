//! The pinned sources of tokio and mio, for claims about what stands in them.

use std::fs;
use std::path::Path;

use course::pinned;
use grader::{Checked, Stop};

/// The text of `file`, from the root of the crate called `krate` in the version that `Cargo.lock` pins.
///
/// # Errors
/// Skipped, when the sources are not on this machine.
///
/// # Panics
/// When the pinned version has no such file.
pub fn text(krate: &str, file: &str) -> Checked<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(sources) = pinned::sources(&root) else {
        return Err(Stop::Skipped(
            "the pinned sources are not on this machine; `cargo fetch` brings them".into(),
        ));
    };
    let source = sources
        .get(krate)
        .unwrap_or_else(|| panic!("Cargo.lock pins no {krate}"));
    let path = source.folder.join(file);
    Ok(fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{krate} {}: {file}: {error}", source.version)))
}
