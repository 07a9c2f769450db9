//! `{{#cite crate:path:symbol}}`: where something stands in a crate's source, with the pinned
//! version.
//!
//! Symbols, never line numbers. That file and symbol exist in the pinned version is held by the
//! test `citations`, which can see the sources; rendering must also work where they are absent.

use crate::fault::Problem;
use crate::lock;
use crate::markdown::escape;
use crate::page::Page;

/// What a citation names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The crate's name in `Cargo.lock`.
    pub krate: String,
    /// The file, from the crate's root.
    pub path: String,
    /// A name in that file, possibly with what it belongs to: `Driver::turn`.
    pub symbol: String,
}

impl Citation {
    /// Reads `crate:path:symbol`.
    ///
    /// # Errors
    /// When one of the three is missing.
    pub fn parse(argument: &str) -> Result<Self, Problem> {
        let mut parts = argument.splitn(3, ':').map(str::trim);
        let mut part = || {
            parts
                .next()
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
        };
        match (part(), part(), part()) {
            (Some(krate), Some(path), Some(symbol)) => Ok(Self {
                krate,
                path,
                symbol,
            }),
            _ => Err(Problem::new(
                format!("`{argument}` names no crate, file and symbol"),
                "write {{#cite tokio:src/runtime/io/driver.rs:add_source}}",
            )),
        }
    }
}

/// Renders a citation, in the middle of a sentence.
///
/// # Errors
/// When the citation is incomplete, or `Cargo.lock` does not pin its crate.
pub fn render(page: &Page<'_>, argument: &str) -> Result<String, Problem> {
    let Citation {
        krate,
        path,
        symbol,
    } = Citation::parse(argument)?;
    let version = lock::version(page.repository, &krate)?;
    Ok(format!(
        "<span class=\"cite\">{} {version} · <code>{}</code> · <code>{}</code></span>",
        escape(&krate),
        escape(&path),
        escape(&symbol),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_may_hold_colons() {
        let citation = Citation::parse("tokio:src/runtime/io/driver.rs:Driver::turn").unwrap();
        assert_eq!(citation.symbol, "Driver::turn");
    }

    #[test]
    fn refuses_a_citation_without_a_symbol() {
        assert!(Citation::parse("tokio:src/lib.rs").is_err());
    }
}
