//! `elsewhere` and `outlive`: the stream is read in a task of a worker.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::hearing::{A_SECOND, FOR_GOOD, hear_out};
use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Reads a stream of one runtime on another.
pub(crate) fn elsewhere() -> io::Result<()> {
    let (home, away) = (build(Flavor::Current, ALL_DRIVERS)?, away()?);
    let mut client = let_in(&home)?;
    let (undriven, is_over) = mpsc::channel();
    let heard = away.spawn(async move {
        hear_out("undriven", &mut client, A_SECOND).await;
        let _ = undriven.send(());
        hear_out("driven", &mut client, FOR_GOOD).await;
    });
    let _ = is_over.recv();
    // The thread that has waited drives from now on, until all is heard.
    Ok(home.block_on(heard)?)
}

/// Reads a stream whose runtime has ended, and moves it.
pub(crate) fn outlive() -> io::Result<()> {
    let (home, away) = (build(Flavor::Current, ALL_DRIVERS)?, away()?);
    let mut client = let_in(&home)?;
    let ended = thread::spawn(move || drop(home));
    let _ = ended.join();
    let (done, is_done) = oneshot::channel();
    away.spawn(async move {
        hear_out("orphaned", &mut client, A_SECOND).await;
        let moved = client.into_std().and_then(TcpStream::from_std);
        let moved = match moved {
            Ok(mut client) => {
                hear_out("moved", &mut client, FOR_GOOD).await;
                Ok(())
            }
            Err(error) => Err(error),
        };
        let _ = done.send(moved);
    });
    let over = is_done.blocking_recv();
    over.map_err(io::Error::other)?
}

fn away() -> io::Result<Runtime> {
    build(Flavor::Multi { workers: 1 }, ALL_DRIVERS)
}

fn let_in(home: &Runtime) -> io::Result<TcpStream> {
    home.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        server::let_in(&listener).await
    })
}
