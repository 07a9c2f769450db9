//! Whether what cargo and the compiler say is shown as it comes, or kept.

/// Where cargo's own words go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnostics {
    /// To the terminal, as they come.
    Shown,
    /// Into the result, for whoever shows them elsewhere.
    Collected,
}
