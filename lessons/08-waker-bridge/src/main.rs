//! Lesson 08: reads from one client until it leaves, with one future, on one
//! thread, and tells every step.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_variables,
    unused_imports,
    unused_mut,
    unreachable_code,
    clippy::diverging_sub_expression,
    reason = "a stub: delete this attribute when you begin"
)]

use std::env;
use std::io;
use std::net::TcpListener;

use bridge::{Bridge, Reader, Step, log, run};
use mio::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let (client, _address) = listener.accept()?;
    client.set_nonblocking(true)?;
    let mut bridge = Bridge::new()?;
    let reader = bridge.register(TcpStream::from_std(client))?;
    run(&mut bridge, read_to_the_end(reader))??;
    log(Step::Done);
    Ok(())
}

/// Reads until the client says goodbye. Nothing here knows of events, wakers or sleep.
async fn read_to_the_end(mut reader: Reader) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let bytes = reader.read_some(&mut buffer).await?;
        log(Step::Read(bytes));
        if bytes == 0 {
            return Ok(());
        }
    }
}
