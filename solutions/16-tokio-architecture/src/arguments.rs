//! The command line: which experiment is to be run.

use std::iter::Peekable;
use std::thread;

use crate::runtime::{ALL_DRIVERS, Drivers, Flavor};

/// What may stand on the command line.
pub(crate) const USAGE: &str = "[ADDRESS] [--flavor current|multi] [--workers N]
    | drivers none|io|time|both | elsewhere | outlive | starve [--pool] | life";

/// What the program can do.
pub(crate) enum Experiment {
    /// The echo server.
    Serve { address: String, flavor: Flavor },
    /// A runtime with these drivers: a socket is tried, and a timer.
    Drivers(Drivers),
    /// A stream is read on another runtime than its own.
    Elsewhere,
    /// A stream is read when its own runtime is gone.
    Outlive,
    /// One client is served by blocking calls: in a task, or on the pool that is there for it.
    Starve { on_the_pool: bool },
    /// Three tasks tell how they live and end.
    Life,
}

/// Makes an experiment of the words of a command line; `None` when they mean nothing.
pub(crate) fn parse(words: impl Iterator<Item = String>) -> Option<Experiment> {
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match words[..] {
        ["drivers", which] => Experiment::Drivers(drivers(which)?),
        ["elsewhere"] => Experiment::Elsewhere,
        ["outlive"] => Experiment::Outlive,
        ["starve"] => Experiment::Starve { on_the_pool: false },
        ["starve", "--pool"] => Experiment::Starve { on_the_pool: true },
        ["life"] => Experiment::Life,
        _ => serve(words.into_iter().peekable())?,
    })
}

fn drivers(which: &str) -> Option<Drivers> {
    let (io, time) = match which {
        "none" => (false, false),
        "io" => (true, false),
        "time" => (false, true),
        "both" => return Some(ALL_DRIVERS),
        _ => return None,
    };
    Some(Drivers { io, time })
}

fn serve<'a>(mut words: Peekable<impl Iterator<Item = &'a str>>) -> Option<Experiment> {
    let address = words.next_if(|word| !word.starts_with('-'));
    let mut multi = false;
    let mut workers = thread::available_parallelism().map_or(1, usize::from);
    while let Some(word) = words.next() {
        match (word, words.next()?) {
            ("--flavor", "current") => multi = false,
            ("--flavor", "multi") => multi = true,
            ("--workers", number) => workers = number.parse().ok().filter(|n| *n > 0)?,
            _ => return None,
        }
    }
    let flavor = if multi {
        Flavor::Multi { workers }
    } else {
        Flavor::Current
    };
    let address = address.unwrap_or("127.0.0.1:0").into();
    Some(Experiment::Serve { address, flavor })
}
