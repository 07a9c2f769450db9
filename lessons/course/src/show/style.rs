//! The few colours of the course. Each carries a word as well: a verdict is never told by colour
//! alone.
//!
//! Styled text is printed through `anstream`, which takes the colours out where nobody can see
//! them.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// What holds.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What does not.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What could not be judged, or waits.
pub const OPEN: Style = AnsiColor::Yellow.on_default();
/// What is to be typed, and names of files.
pub const TYPED: Style = AnsiColor::Cyan.on_default();
/// What one may read over.
pub const QUIET: Style = Style::new().dimmed();
/// Headings.
pub const STRONG: Style = Style::new().bold();

/// `text` in `style`.
pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
