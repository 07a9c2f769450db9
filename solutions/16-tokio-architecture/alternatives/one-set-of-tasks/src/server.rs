//! The echo server: one task that accepts and takes out of its set what has ended.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Binds `address` and says where.
pub(crate) async fn bind(address: &str) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

/// Serves everybody.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut clients = JoinSet::new();
    let mut pause = pin!(sleep_until(Instant::now()));
    let mut paused = false;
    loop {
        tokio::select! {
            accepted = listener.accept(), if !paused => match accepted {
                Ok((client, _)) => drop(clients.spawn(echo(client))),
                Err(_) => {
                    pause.as_mut().reset(Instant::now() + Duration::from_millis(20));
                    paused = true;
                }
            },
            () = pause.as_mut(), if paused => paused = false,
            Some(_) = clients.join_next() => {}
        }
    }
}

/// Copies one half of the client's stream to the other.
async fn echo(client: TcpStream) -> io::Result<u64> {
    let (mut from, mut to) = client.into_split();
    tokio::io::copy(&mut from, &mut to).await
}
