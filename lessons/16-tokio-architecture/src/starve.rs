//! The experiment `starve`: an echo server whose first client is served by blocking calls.

use std::io;

use tokio::task;

use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Serves the first client by blocking calls, and all others as ever: the calls stand in a task
/// among the others, or they are made on the pool of threads that the runtime keeps for such calls.
///
/// # Errors
/// When there is no first client, or its socket cannot be made to block.
pub(crate) fn serve_one_by_blocking(on_the_pool: bool) -> io::Result<()> {
    let runtime = build(Flavor::Current, ALL_DRIVERS)?;
    runtime.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        let (first, _address) = listener.accept().await?;
        todo!("echo to `first` by blocking calls, and serve the others as ever")
    })
}
