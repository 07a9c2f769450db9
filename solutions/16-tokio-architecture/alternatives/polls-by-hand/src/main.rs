//! Another correct program for lesson 16: futures that are polled by hand, local tasks, and a
//! runtime with a worker where the stream is read.
#![forbid(unsafe_code)]

mod arguments;
mod drivers;
mod echo;
mod hearing;
mod life;
mod runtime;
mod server;
mod starve;
mod two_runtimes;

use std::env;
use std::io;
use std::process::ExitCode;

use crate::arguments::Experiment;
use crate::runtime::{ALL_DRIVERS, build};

fn main() -> ExitCode {
    let Some(experiment) = arguments::parse(env::args().skip(1)) else {
        eprintln!("{}", arguments::USAGE);
        return 2.into();
    };
    match run(experiment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(experiment: Experiment) -> io::Result<()> {
    match experiment {
        Experiment::Serve { address, flavor } => {
            build(flavor, ALL_DRIVERS)?.block_on(server::run(&address))
        }
        Experiment::Drivers(drivers) => drivers::show(drivers),
        Experiment::Elsewhere => two_runtimes::elsewhere(),
        Experiment::Outlive => two_runtimes::outlive(),
        Experiment::Starve { on_the_pool } => starve::serve_one_by_blocking(on_the_pool),
        Experiment::Life => life::watch_three_tasks(),
    }
}
