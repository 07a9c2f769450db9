//! Another correct program for lesson 16: all clients' tasks in one set, halves of streams that are
//! copied to each other, scoped threads and a notification for what `pending` does elsewhere.
#![forbid(unsafe_code)]

mod arguments;
mod drivers;
mod hearing;
mod life;
mod runtime;
mod server;
mod starve;
mod two_runtimes;

use std::env;
use std::io::{self, ErrorKind};

use crate::arguments::Experiment;
use crate::runtime::{ALL_DRIVERS, build};

fn main() -> io::Result<()> {
    let experiment = arguments::parse(env::args().skip(1));
    match experiment.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, arguments::USAGE))? {
        Experiment::Serve { address, flavor } => {
            let runtime = build(flavor, ALL_DRIVERS)?;
            let served =
                runtime.spawn(async move { server::serve(server::bind(&address).await?).await });
            runtime.block_on(served)?
        }
        Experiment::Drivers(drivers) => drivers::show(drivers),
        Experiment::Elsewhere => two_runtimes::elsewhere(),
        Experiment::Outlive => two_runtimes::outlive(),
        Experiment::Starve { on_the_pool } => starve::serve_one_by_blocking(on_the_pool),
        Experiment::Life => life::watch_three_tasks(),
    }
}
