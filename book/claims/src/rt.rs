//! Runtimes and futures, for claims about tokio.

use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use grader::{Checked, Stop, wait};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::owes;

/// A runtime that is driven only by the thread that calls its `block_on`.
///
/// # Errors
/// Could not judge, when the system does not give one.
pub fn current_thread() -> Checked<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A runtime with this many worker threads, which drive it all the time.
///
/// # Errors
/// Could not judge, when the system does not give one.
pub fn workers(count: usize) -> Checked<Runtime> {
    let mut builder = Builder::new_multi_thread();
    Ok(builder.worker_threads(count).enable_all().build()?)
}

/// A socket that tokio has connected, and its other end.
///
/// # Errors
/// Could not judge, when the kernel does not give one.
pub async fn connected() -> Checked<(TcpStream, std::net::TcpStream)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let near = TcpStream::connect(listener.local_addr()?).await?;
    let (far, _) = listener.accept()?;
    far.set_nodelay(true)?;
    Ok((near, far))
}

/// A socket that tokio has accepted, and its other end.
///
/// # Errors
/// Could not judge, when the kernel does not give one.
pub async fn accepted() -> Checked<(TcpStream, std::net::TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let far = std::net::TcpStream::connect(listener.local_addr()?)?;
    far.set_nodelay(true)?;
    let (near, _) = listener.accept().await?;
    Ok((near, far))
}

/// What a future is ready with when it is polled once; `None`, when it is pending.
pub fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Whether an event of the socket has come and has not been used up: tokio answers from what it has
/// noted, no system call.
#[must_use]
pub fn is_noted(socket: &TcpStream) -> bool {
    at_once(socket.readable()).is_some()
}

/// Sends `bytes` from the other end, and lets the driver turn until the socket is noted as
/// readable.
///
/// # Errors
/// Could not judge, when it is not.
pub async fn arrives(socket: &TcpStream, far: &mut std::net::TcpStream, bytes: &[u8]) -> Checked {
    far.write_all(bytes)?;
    reach_by_turns("an event of the socket", || is_noted(socket)).await
}

/// What `future` is ready with, when kit and kernel owe that it comes to its end.
///
/// # Errors
/// Could not judge, when it does not within the patience of a check.
pub async fn reach_end<F: Future>(what: &str, future: F) -> Checked<F::Output> {
    let unreached = || Stop::CouldNotJudge(format!("this did not come to an end: {what}"));
    within(wait::PATIENCE, future).await.ok_or_else(unreached)
}

/// What `future` is ready with, when the statement promises that it comes to its end.
///
/// # Errors
/// Red, when it does not.
pub async fn owes_end<F: Future>(what: &str, future: F) -> Checked<F::Output> {
    let ended = within(owes::PATIENCE, future).await;
    ended.ok_or_else(|| owes::broken(what))
}

/// Lets a runtime of one thread turn its driver until `seen`, which kit and kernel owe.
///
/// # Errors
/// Could not judge, when that is not seen within the patience of a check.
pub async fn reach_by_turns(what: &str, seen: impl FnMut() -> bool) -> Checked {
    reach_end(what, turns_until(seen)).await
}

/// Lets a runtime of one thread turn its driver until `kept`, which the statement promises.
///
/// # Errors
/// Red, when that is not seen.
pub async fn owes_by_turns(what: &str, kept: impl FnMut() -> bool) -> Checked {
    owes_end(what, turns_until(kept)).await
}

async fn turns_until(mut seen: impl FnMut() -> bool) {
    while !seen() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What `future` is ready with; `None` when it is still pending after `patience`.
async fn within<F: Future>(patience: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut deadline = pin!(tokio::time::sleep(patience));
    poll_fn(|cx| {
        // The deadline is polled first, so that its wake cannot hide that the future has missed its
        // own.
        if deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Runs a future on this thread, without any runtime: an executor that knows nothing of tokio.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
