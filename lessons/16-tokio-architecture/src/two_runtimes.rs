//! The experiments `elsewhere` and `outlive`: a stream belongs to the runtime that it was born
//! on, wherever it is read.

use std::future;
use std::io;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::hearing::{A_SECOND, FOR_GOOD, hear_out};
use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Reads a stream of one runtime on another: for a second while nobody drives the stream's own,
/// then while a thread does, until the client says goodbye.
///
/// # Errors
/// When there is no client, or a runtime cannot be built.
pub(crate) fn elsewhere() -> io::Result<()> {
    let home = build(Flavor::Current, ALL_DRIVERS)?;
    let away = build(Flavor::Current, ALL_DRIVERS)?;
    let mut client = let_in(&home)?;
    // The labels: `undriven`, for A_SECOND, and `driven`, FOR_GOOD.
    todo!("hear the client out on `away`, while nobody drives `home` and then while a thread does")
}

/// Reads a stream on another runtime when its own has ended, and then moves the socket to where it
/// is read, and reads it until the client says goodbye.
///
/// # Errors
/// When there is no client, when a runtime cannot be built, or when the socket cannot be moved.
pub(crate) fn outlive() -> io::Result<()> {
    let home = build(Flavor::Current, ALL_DRIVERS)?;
    let away = build(Flavor::Current, ALL_DRIVERS)?;
    let mut client = let_in(&home)?;
    // The labels: `orphaned`, for A_SECOND, and `moved`, FOR_GOOD.
    todo!("end `home`; hear the client out on `away`, before and after you move it there")
}

/// Accepts one client on `home`.
fn let_in(home: &Runtime) -> io::Result<TcpStream> {
    home.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        let (client, _address) = listener.accept().await?;
        Ok(client)
    })
}
