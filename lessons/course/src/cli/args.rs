//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

const EXIT_CODES: &str = "\
Exit codes:
  0  everything asked for holds
  1  a check is red, or the lesson is not started yet
  2  it does not compile, or the request makes no sense
  3  no verdict was possible: the grader, the machine or the course is at fault;
     or what there was to say could not be written (a full disk, never `| head`)

A LESSON may be written lesson-06, 6, 06, 06-echo-server or echo-server.";

/// Learn async I/O by building it: check, hint, compare, and find your way.
///
/// Without a command: shows that it works here, its map, and where to begin.
#[derive(Debug, Parser)]
#[command(name = "cargo course", bin_name = "cargo course", after_help = EXIT_CODES, disable_help_subcommand = true, term_width = 80)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Grade a lesson; without LESSON, the one you are at, or the next
    #[command(after_help = CHECK_HELP)]
    Check(Check),
    /// Grade again whenever a file of the lesson is saved
    Watch {
        /// The lesson; without it, the one you are at, or the next after it
        lesson: Option<String>,
        /// Look at the files twice a second, where saves go unnoticed (network drives)
        #[arg(long)]
        poll: bool,
    },
    /// Show one more hint for the first red check of the last run
    Hint {
        /// The lesson; without it, the one you are at, or the next after it
        lesson: Option<String>,
        /// The check to have a hint for, rather than the first red one
        check: Option<String>,
        /// Show every hint at once
        #[arg(long)]
        all: bool,
    },
    /// Show how your program and the reference differ
    Compare {
        /// The lesson; without it, the one you are at, or the next after it
        lesson: Option<String>,
    },
    /// Put a lesson back as you first found it; what it replaces is kept
    Reset {
        /// The lesson
        lesson: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Choose whose floor later lessons are built on: yours, once it is green, or the reference's
    StandOn {
        /// The lesson whose floor it is
        lesson: String,
        /// Whose
        whose: FloorOf,
    },
    /// Show the map of the course with your ticks
    Progress,
    /// Meet a wrong program: its story, and the check that catches it
    Break {
        /// The lesson
        lesson: String,
        /// The mistake; without it, they are listed
        name: Option<String>,
    },
    /// Run what holds a sentence of the book, and show what it sees; without NAME, list all
    Claim {
        /// The claim, as it stands below the sentence
        name: Option<String>,
        /// (authors) Run all of them, and record what they were held with
        #[arg(long, conflicts_with_all = ["name", "check"])]
        record: bool,
        /// (authors) Run none; fail if the record is about other claims or versions
        #[arg(long, conflicts_with = "name")]
        check: bool,
    },
    /// Measure what a lesson's server costs with 1, 10, 100 and 1 000 clients
    #[command(after_help = MEASURE_HELP)]
    Measure {
        /// The lesson
        lesson: String,
        /// Measure the reference solution
        #[arg(long)]
        solution: bool,
        /// Print one JSON object for each number of clients instead
        #[arg(long)]
        json: bool,
    },
    /// Put your green servers beside each other, with 1 000 clients, and draw them
    Ladder {
        /// The reference solutions of all lessons instead
        #[arg(long)]
        solution: bool,
        /// (authors) Make anew the tables and the chart that the chapters show
        #[arg(long, requires = "solution")]
        book: bool,
    },
    /// (authors) Begin a lesson: both halves, a grader, a mistake and a chapter to write on from
    #[command(display_order = 99)]
    New(New),
    /// (authors) Derive the stubs in lessons/ from the solutions
    #[command(display_order = 100)]
    Stubs {
        /// Change nothing; fail if a stub differs from what is derived
        #[arg(long)]
        check: bool,
    },
    /// (authors) Run a grader many times, half of them on a busy machine; report verdicts that
    /// differ
    #[command(display_order = 101)]
    Flicker {
        /// The lesson
        lesson: String,
        /// How many times
        #[arg(default_value_t = 20)]
        runs: usize,
        /// Run each mistake's named check instead of the reference's grader
        #[arg(long)]
        mistakes: bool,
        /// Run the alternative solutions instead of the reference
        #[arg(long)]
        alternatives: bool,
    },
    /// (authors) Hold stubs, mistakes, alternatives and cards to what CONTRIBUTING.md promises
    #[command(display_order = 102)]
    Selfcheck(Selfcheck),
    /// Keep one core busy until stdin ends
    #[command(hide = true)]
    Busy,
}

/// Whose half of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FloorOf {
    /// Your own
    Mine,
    /// The reference's
    Reference,
}

const CHECK_HELP: &str = r#"--json prints one object a line and check, in the order of the grader:
  {"lesson": "06-echo-server", "check": NAME, "millis": N, "verdict": V, ...}
V is "green", "red", "skipped" or "could-not-judge". A red one has "failure":
{"expected", "saw", "why", "look"}, and there "unwritten": {"words", "file",
"line"} if the program ran into that todo!, or "panic": {"message", "file",
"line"} if it told of one. Skipped and could-not-judge have
"reason"; a grader that ended without a verdict adds "broke", its last lines."#;

const MEASURE_HELP: &str = r#"The program is built with --release, yours and the reference alike. It takes up
to half a minute; the machine should have nothing else to do. --json prints one
object a line and number of clients:
  {"lesson": "04-poll", "program": "lesson-04", "machine": {...}, "clients": N,
   "talkers": N, "threads": N, "resident_bytes": N, "reserved_bytes": N,
   "idle_wanted": SHARE OF A CORE, "calls_per_message": N or null,
   "median_micros": N, "worst_micros": N}
Where the program fails, the last one is {"lesson", "program", "machine",
"clients", "failure" or "reason"}, and the exit code is not 0."#;

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The lesson; without it, the one you are at, or the next after it
    pub(crate) lesson: Option<String>,
    /// Tell every check that does not hold whole, and not only the first
    #[arg(long)]
    pub(crate) all: bool,
    /// Print one JSON object for each check instead
    #[arg(long, conflicts_with = "all")]
    pub(crate) json: bool,
    /// Grade the program in this folder: a package, or its src/
    #[arg(long, value_name = "DIR", requires = "lesson")]
    pub(crate) src: Option<PathBuf>,
    /// Grade the reference solution
    #[arg(long, conflicts_with = "src", requires = "lesson")]
    pub(crate) solution: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// Its number and name, as 20-timer-wheel
    pub(crate) name: String,
    /// Its title; without it, the words of the name
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The part of the course, from 1; without it, that of the lesson before
    #[arg(long)]
    pub(crate) part: Option<usize>,
    /// The learner writes a server; so it is without this, too
    #[arg(long, conflicts_with = "lib")]
    pub(crate) server: bool,
    /// The learner writes a library, with a server that uses it
    #[arg(long)]
    pub(crate) lib: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Selfcheck {
    /// The lesson; without it, every lesson
    pub(crate) lesson: Option<String>,
    /// Every check of the reference is green
    #[arg(long)]
    pub(crate) reference: bool,
    /// Every check of the derived stub is red, at once and for the right reason
    #[arg(long)]
    pub(crate) stubs: bool,
    /// Every mistake is caught by the check it names, in the words it names
    #[arg(long)]
    pub(crate) mistakes: bool,
    /// Every alternative solution is green
    #[arg(long)]
    pub(crate) alternatives: bool,
    /// Every check has a card with two hints, every lesson a chapter; no TODO(author) is left
    #[arg(long)]
    pub(crate) cards: bool,
    /// Print every verdict as a JSON object instead, so that two states of the course can be
    /// compared
    #[arg(long)]
    pub(crate) json: bool,
}
