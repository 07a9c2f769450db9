//! The preprocessor as mdBook calls it: the book as JSON on standard input, and back on standard
//! output.

use std::io::{self, Read, Write};

use anyhow::Result;
use mdbook_preprocessor::{Preprocessor, parse_input};

use crate::preprocessor::Course;

/// Reads a book from `input`, transforms it, and writes it to `output`.
///
/// # Errors
/// When the input is not what mdBook sends, or the book has a fault.
pub fn run(input: impl Read, output: impl Write) -> Result<()> {
    let (context, book) = parse_input(input)?;
    let book = Course.run(&context, book)?;
    serde_json::to_writer(output, &book)?;
    Ok(())
}

/// Whether mdBook is to call the preprocessor for `renderer`.
///
/// # Errors
/// Never; the answer is what mdBook's interface asks for.
pub fn supports(renderer: &str) -> Result<bool> {
    Course.supports_renderer(renderer)
}

/// Runs on the process's own standard input and output.
///
/// # Errors
/// Those of [`run`].
pub fn run_on_stdio() -> Result<()> {
    run(io::stdin().lock(), io::stdout().lock())
}
