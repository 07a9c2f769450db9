//! The echo server: `poll_accept`, and a timer that is polled where it has failed.

use std::future::poll_fn;
use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::echo::Echo;

/// Binds and serves.
pub(crate) async fn run(address: &str) -> io::Result<()> {
    let listener = bind(address).await?;
    serve(&listener).await
}

/// Binds `address` and says where.
pub(crate) async fn bind(address: &str) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}

/// Lets one client in.
pub(crate) async fn let_in(listener: &TcpListener) -> io::Result<TcpStream> {
    Ok(poll_fn(|cx| listener.poll_accept(cx)).await?.0)
}

/// Serves everybody, each in a task whose handle nobody keeps.
pub(crate) async fn serve(listener: &TcpListener) -> io::Result<()> {
    loop {
        match let_in(listener).await {
            Ok(client) => {
                tokio::spawn(Echo::of(client));
            }
            Err(_) => {
                // A wait for nothing, for a while.
                let nothing = std::future::pending::<()>();
                let _ = timeout(Duration::from_millis(100), nothing).await;
            }
        }
    }
}
