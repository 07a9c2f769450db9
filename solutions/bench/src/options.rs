//! What was asked for on the command line.

use std::io;
use std::path::PathBuf;

/// What to do, and how much of it.
#[derive(Debug)]
pub(crate) struct Options {
    /// Little of everything.
    pub(crate) quick: bool,
    /// How often each is measured.
    pub(crate) rounds: usize,
    /// Where to write all figures.
    pub(crate) json: Option<PathBuf>,
    /// What is left out has not this word in its name.
    only: Option<String>,
}

impl Options {
    /// Reads the arguments.
    pub(crate) fn parse(arguments: &[String]) -> io::Result<Self> {
        let mut options = Self {
            quick: false,
            rounds: 0,
            json: None,
            only: None,
        };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| unknown(word));
            match word {
                "--quick" => options.quick = true,
                "--rounds" => options.rounds = value()?.parse().map_err(io::Error::other)?,
                "--json" => options.json = Some(value()?.into()),
                "--only" => options.only = Some(value()?.to_owned()),
                other => return Err(unknown(other)),
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.quick { 1 } else { 7 };
        }
        Ok(options)
    }

    /// Whether what has this name was asked for.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }
}

fn unknown(word: &str) -> io::Error {
    io::Error::other(format!(
        "`{word}` says nothing: bench [--quick] [--rounds N] [--json FILE] [--only WORD]"
    ))
}
