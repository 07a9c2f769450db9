//! `starve`: the blocking loop is a closure that either place calls.

use std::io::{self, Read, Write};

use tokio::task;

use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Serves the first client by blocking calls.
pub(crate) fn serve_one_by_blocking(on_the_pool: bool) -> io::Result<()> {
    let runtime = build(Flavor::Current, ALL_DRIVERS)?;
    let listener = runtime.block_on(server::bind("127.0.0.1:0"))?;
    let mut first = runtime.block_on(server::let_in(&listener))?.into_std()?;
    first.set_nonblocking(false)?;
    let mut echo = move || -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = first.read(&mut buffer)?;
            if n == 0 {
                return Ok(());
            }
            first.write_all(&buffer[..n])?;
        }
    };
    if on_the_pool {
        runtime.spawn_blocking(echo);
        runtime.block_on(server::serve(&listener))
    } else {
        let local = task::LocalSet::new();
        local.spawn_local(async move { echo() });
        local.block_on(&runtime, server::serve(&listener))
    }
}
