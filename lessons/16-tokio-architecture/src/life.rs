//! The experiment `life`: three tasks, each with a client, tell of their polls and of their ends.

use std::future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::runtime::{ALL_DRIVERS, Flavor, build};
use crate::server;

/// Lets three clients in and watches three tasks, one for each: the first is waited for, the second
/// let go, the third aborted.
///
/// # Errors
/// When clients cannot be let in, or the first task fails.
pub(crate) fn watch_three_tasks() -> io::Result<()> {
    let runtime = build(Flavor::Current, ALL_DRIVERS)?;
    runtime.block_on(async {
        let listener = server::bind("127.0.0.1:0").await?;
        let (first, _address) = listener.accept().await?;
        let (second, _address) = listener.accept().await?;
        let (third, _address) = listener.accept().await?;
        // Your own steps are to be logged too, each when it is taken: spawned, let go,
        // joined, abort, cancelled.
        todo!("spawn three tasks; let the second go, await the first, abort the third");
        future::pending().await
    })
}

/// Says that `task` has taken a step.
fn log(task: &str, step: &str) {
    println!("{task}: {step}");
}

/// Waits for one message of `client`, and then hangs up.
async fn one_message(mut client: TcpStream) -> io::Result<usize> {
    client.read(&mut [0; 4096]).await
}

/// A future that logs when it is polled, what the poll answers, and when it is dropped.
struct Told<F> {
    name: &'static str,
    work: Pin<Box<F>>,
}

impl<F: Future> Told<F> {
    fn new(name: &'static str, work: F) -> Self {
        let work = Box::pin(work);
        Self { name, work }
    }
}

impl<F: Future> Future for Told<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        log(self.name, "poll");
        let answer = self.work.as_mut().poll(cx);
        let step = if answer.is_ready() {
            "ready"
        } else {
            "pending"
        };
        log(self.name, step);
        answer
    }
}

impl<F> Drop for Told<F> {
    fn drop(&mut self) {
        log(self.name, "dropped");
    }
}
