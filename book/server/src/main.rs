//! `reader`: serves the book, or builds it; called by mdBook, its preprocessor.
//!
//! Exit codes: 0 it is built, or the renderer is supported; 1 the book has a fault, or the renderer
//! is not supported; 2 the request makes no sense.
#![forbid(unsafe_code)]

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use reader::live::{self, Options};
use reader::{builder, pipe};

/// The book's folder in the clone that this program was compiled from.
const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Serves the book, or builds it. Without a command it serves; with a book as JSON on standard
/// input it is mdBook's preprocessor.
#[derive(Parser)]
#[command(
    name = "reader",
    version,
    after_help = "Exit codes: 0 done, 1 the book has a fault, 2 the request makes no sense"
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the book and serves it on 127.0.0.1, with each lesson's checks live
    Serve {
        /// The folder of book.toml
        #[arg(default_value = BOOK, hide_default_value = true)]
        book: PathBuf,
        /// The port; without it 3000, or the next that is free
        #[arg(long)]
        port: Option<u16>,
        /// Opens no browser
        #[arg(long)]
        no_open: bool,
        /// Looks at the files twice a second, where saves go unnoticed (network drives)
        #[arg(long)]
        poll: bool,
    },
    /// Opens ADDRESS in a browser
    #[command(hide = true)]
    Show {
        /// What to open
        address: String,
    },
    /// Builds the pages into book/book
    Build {
        /// The folder of book.toml
        #[arg(default_value = BOOK, hide_default_value = true)]
        book: PathBuf,
        /// Where the pages go instead of where book.toml says
        #[arg(long, value_name = "FOLDER")]
        destination: Option<PathBuf>,
        /// Opens the first page in a browser
        #[arg(long)]
        open: bool,
    },
    /// Tells mdBook by the exit code whether it may call this preprocessor for RENDERER
    Supports {
        /// mdBook's name of the renderer, `html` for example
        renderer: String,
    },
}

fn main() -> ExitCode {
    // This program may have been started as a watchdog: it ends the processes that a server has
    // started, should that server be killed.
    if course::system::process::stood_watch() {
        return ExitCode::SUCCESS;
    }
    let done = match Arguments::parse().command {
        Some(Command::Serve {
            book,
            port,
            no_open,
            poll,
        }) => serve(&book, port, !no_open, poll),
        Some(Command::Show { address }) => live::show(&address).map(|()| true),
        Some(Command::Build {
            book,
            destination,
            open,
        }) => build(&book, destination.as_deref(), open),
        Some(Command::Supports { renderer }) => pipe::supports(&renderer),
        // Standard input is a terminal, so a person has typed `just book`, and mdBook has not
        // called.
        None if stdin().is_terminal() => serve(Path::new(BOOK), None, true, false),
        None => pipe::run_on_stdio().map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("reader: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Serves the book until the process is ended.
fn serve(book: &Path, port: Option<u16>, open: bool, poll: bool) -> anyhow::Result<bool> {
    live::serve(book, Options { port, open, poll }).map(|()| true)
}

/// Builds the book, says on standard error where it is, and shows it if asked to.
fn build(book: &Path, destination: Option<&Path>, open: bool) -> anyhow::Result<bool> {
    let begun = Instant::now();
    eprintln!("building the book …");
    let built = builder::build(book, destination)?;
    let pages = if built.chapters == 1 { "page" } else { "pages" };
    let first = built.folder.join("index.html");
    eprintln!(
        "built {} {pages} in {:.1} s: {}",
        built.chapters,
        begun.elapsed().as_secs_f64(),
        first.display()
    );
    if open && let Err(error) = opener::open(&first) {
        eprintln!("no browser could be opened ({error}); open that file in one");
    }
    Ok(true)
}
