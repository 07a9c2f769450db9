//! The small runtime of lessons 07 to 13 beside tokio, smol and raw mio, doing the same work.
//!
//! Usage: `bench [--quick] [--rounds N] [--json FILE] [--only WORD]`. It takes some minutes, and
//! prints a table. `--quick` does little of everything, to see that it runs; `--only timer` does
//! what has that word in its name.
//!
//! The measure is processor time, by the kernel's count, since time on the wall is also that of
//! others. All who are compared take turns within a round, and a ratio is of one round; the table
//! has the median of the rounds, and how far the middle half of them is spread.
#![forbid(unsafe_code)]

mod child;
// Lesson 06's server as it stands.
#[path = "../../06-echo-server/src/connection.rs"]
mod connection;
mod echo;
mod figures;
mod load;
mod machine;
mod micro;
mod options;
mod report;
#[path = "../../06-echo-server/src/server.rs"]
mod server;
mod servers;
mod syscalls;

use std::env;
use std::fs;
use std::io;

use crate::options::Options;
use crate::report::Report;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [serve, name] = &arguments[..]
        && serve == "serve"
    {
        return servers::serve(name);
    }
    let options = Options::parse(&arguments)?;
    machine::raise_file_limit();
    let mut report = Report::new();
    report.micro = micro::run(&options);
    if options.has("echo") {
        report.echo = echo::run(&options)?;
    }
    print!("{report}");
    if let Some(file) = &options.json {
        fs::write(file, serde_json::to_string_pretty(&report)?)?;
    }
    Ok(())
}
