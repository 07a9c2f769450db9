//! `elsewhere` and `outlive`: a scoped thread drives, and a guard makes the context.

use std::io;
use std::thread;

use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::hearing::{A_SECOND, FOR_GOOD, hear_out};
use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Reads a stream of one runtime on another.
pub(crate) fn elsewhere() -> io::Result<()> {
    let [home, away] = two()?;
    let mut client = let_in(&home)?;
    away.block_on(hear_out("undriven", &mut client, A_SECOND));
    let over = Notify::new();
    thread::scope(|threads| {
        threads.spawn(|| home.block_on(over.notified()));
        away.block_on(hear_out("driven", &mut client, FOR_GOOD));
        over.notify_one();
    });
    Ok(())
}

/// Reads a stream whose runtime has ended, and moves it.
pub(crate) fn outlive() -> io::Result<()> {
    let [home, away] = two()?;
    let mut client = let_in(&home)?;
    home.shutdown_background();
    away.block_on(hear_out("orphaned", &mut client, A_SECOND));
    let context = away.enter();
    let mut client = TcpStream::from_std(client.into_std()?)?;
    drop(context);
    away.block_on(hear_out("moved", &mut client, FOR_GOOD));
    Ok(())
}

fn two() -> io::Result<[Runtime; 2]> {
    let one = || build(Flavor::Current, ALL_DRIVERS);
    Ok([one()?, one()?])
}

fn let_in(home: &Runtime) -> io::Result<TcpStream> {
    home.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        Ok(listener.accept().await?.0)
    })
}
