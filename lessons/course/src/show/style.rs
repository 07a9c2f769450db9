//! The few colours of the course. Each carries a word as well: a verdict is never told by colour
//! alone.
//!
//! Styled text is printed through `anstream`, which removes the colours where they cannot be shown.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// For a check that holds.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// For a check that does not hold, and for errors.
pub const BAD: Style = AnsiColor::Red.on_default();
/// For a check that could not be judged, or is not written yet.
pub const OPEN: Style = AnsiColor::Yellow.on_default();
/// For commands to type, and names of files.
pub const TYPED: Style = AnsiColor::Cyan.on_default();
/// For text of less importance.
pub const QUIET: Style = Style::new().dimmed();
/// For headings.
pub const STRONG: Style = Style::new().bold();

/// `text` in `style`.
pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
