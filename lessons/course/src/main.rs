//! The course on the command line.
//!
//! Exit codes: 0 everything asked for holds; 1 a check is red, or the lesson is not begun; 2 the
//! program does not compile, or the request makes no sense; 3 no verdict was possible.
#![forbid(unsafe_code)]

#[macro_use]
mod cli;

use std::process::ExitCode;

use clap::Parser;
use course::error::{Error, Exit};
use course::show::report::paragraph;
use course::show::style::{BAD, paint};

use crate::cli::args::Args;
use crate::cli::{commands, screen};

fn main() -> ExitCode {
    // This program may have been started as a watchdog: it ends the processes that a course has
    // started, should that course be killed.
    if grader::stood_watch() {
        return ExitCode::SUCCESS;
    }
    let code = match commands::run(Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            let words = paragraph(&format!("error: {error:#}"), screen::width(), "");
            err!("{}", words.replacen("error:", &paint(BAD, "error:"), 1));
            error
                .downcast_ref()
                .map_or(Exit::CouldNotJudge, Error::exit)
        }
    };
    screen::code(code).into()
}
