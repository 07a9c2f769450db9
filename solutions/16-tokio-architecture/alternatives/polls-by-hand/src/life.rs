//! `life`: three local tasks, each a boxed future in a wrapper that tells.

use std::future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Lets three clients in and watches three tasks.
pub(crate) fn watch_three_tasks() -> io::Result<()> {
    let runtime = build(Flavor::Current, ALL_DRIVERS)?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let listener = server::bind("127.0.0.1:0").await?;
        let (one, two, three) = (
            server::let_in(&listener).await?,
            server::let_in(&listener).await?,
            server::let_in(&listener).await?,
        );
        let spawn = |name, client| {
            log(name, "spawned");
            tokio::task::spawn_local(Told(name, Box::pin(one_message(client))))
        };
        let kept = spawn("kept", one);
        let _ = spawn("detached", two);
        log("detached", "let go");
        let aborted = spawn("aborted", three);
        let _bytes = kept.await??;
        log("kept", "joined");
        aborted.abort();
        log("aborted", "abort");
        match aborted.await {
            Err(error) if error.is_cancelled() => log("aborted", "cancelled"),
            other => println!("{other:?}"),
        }
        future::pending().await
    })
}

fn log(task: &str, step: &str) {
    println!("{task}: {step}");
}

/// Waits for one message of `client`, and then hangs up.
async fn one_message(client: TcpStream) -> io::Result<usize> {
    loop {
        client.readable().await?;
        match client.try_read(&mut [0; 16]) {
            // A socket that was just accepted is taken for readable at first.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

/// A future that tells.
struct Told(
    &'static str,
    Pin<Box<dyn Future<Output = io::Result<usize>>>>,
);

impl Future for Told {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        log(self.0, "poll");
        match self.1.as_mut().poll(cx) {
            Poll::Ready(read) => {
                log(self.0, "ready");
                Poll::Ready(read)
            }
            Poll::Pending => {
                log(self.0, "pending");
                Poll::Pending
            }
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        log(self.0, "dropped");
    }
}
