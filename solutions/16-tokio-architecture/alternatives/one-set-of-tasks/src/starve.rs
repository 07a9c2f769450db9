//! `starve`: the blocking calls in a function of their own.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use tokio::runtime::Handle;

use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Serves the first client by blocking calls.
pub(crate) fn serve_one_by_blocking(on_the_pool: bool) -> io::Result<()> {
    build(Flavor::Current, ALL_DRIVERS)?.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        let first = listener.accept().await?.0.into_std()?;
        first.set_nonblocking(false)?;
        if on_the_pool {
            Handle::current().spawn_blocking(|| echo(first));
        } else {
            Handle::current().spawn(async { echo(first) });
        }
        server::serve(listener).await
    })
}

fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 512];
    while let n @ 1.. = client.read(&mut buffer)? {
        client.write_all(&buffer[..n])?;
    }
    Ok(())
}
