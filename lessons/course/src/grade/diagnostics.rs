//! Where the output of cargo and the compiler goes: to the terminal, or into the result.

/// Where cargo's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnostics {
    /// To the terminal, as they come.
    Shown,
    /// Into the result, for a caller that shows them elsewhere (the book).
    Collected,
}
