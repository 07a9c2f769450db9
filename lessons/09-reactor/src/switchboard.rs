//! The switchboard: which token means which source.
//!
//! Invariant: a token means one source for as long as the reactor lives. When the source has gone,
//! its token means nothing, and never anything else.

// what you need of std

use mio::Token;

// and what of mio and of the other files

/// The token of the bell. Sources have others.
pub(crate) const BELL: Token = Token(0);

/// Every source that is registered.
#[derive(Debug, Default)]
pub(crate) struct Switchboard {
    // how a token leads to its source, and what keeps it from ever leading to another
}

// what you keep there; the end of the reactor will be noted here too

impl Switchboard {
    // how a source gets a token

    // how the events of a batch find their sources

    // how a source is forgotten

    // the end of them all
}
