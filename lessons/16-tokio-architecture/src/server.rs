//! The echo server: a task that accepts, and a task for every client.
//!
//! Invariant: no task waits but in an `await`, so the thread is free for the others.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Binds `address` and says where.
///
/// # Errors
/// When the address is taken, or is no address.
pub(crate) async fn bind(address: &str) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

/// Echoes to every client that comes, for ever. What goes wrong with a client ends that client
/// only, and what goes wrong at the listener ends nobody.
pub(crate) async fn serve(listener: TcpListener) {
    todo!("accept clients for ever, and let each be served by a task of its own")
}

// how a client is served, and what else you need
