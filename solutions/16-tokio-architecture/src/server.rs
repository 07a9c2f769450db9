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
    // todo: accept clients for ever, and let each be served by a task of its own
    loop {
        match listener.accept().await {
            Ok((client, address)) => drop(tokio::spawn(async move {
                if let Err(error) = echo(client).await {
                    eprintln!("{address} was lost: {error}");
                }
            })),
            Err(error) => {
                eprintln!("nobody was accepted: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    // end
}

// yours: how a client is served, and what else you need
/// When `accept` fails for want of descriptors, whoever waits still waits, and asking again at
/// once would fail at once.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Sends back what `client` sends until it says goodbye.
///
/// # Errors
/// When the client is lost, by a reset for example.
async fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let n = client.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        client.write_all(&buffer[..n]).await?;
    }
}
// end
