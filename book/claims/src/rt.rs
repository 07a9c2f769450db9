//! Runtimes and futures, for claims about tokio.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use grader::{Checked, Stop, wait};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

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

/// What a future that must come to its end is ready with.
///
/// # Errors
/// Could not judge, when it does not within the patience of a check.
pub async fn in_time<F: Future>(what: &str, future: F) -> Checked<F::Output> {
    let mut future = pin!(future);
    let mut deadline = pin!(tokio::time::sleep(wait::PATIENCE));
    poll_fn(|cx| {
        // The deadline is polled first, so that its wake cannot hide that the future has missed its
        // own.
        if deadline.as_mut().poll(cx).is_ready() {
            let words = format!("this did not come to an end: {what}");
            return Poll::Ready(Err(Stop::CouldNotJudge(words)));
        }
        future.as_mut().poll(cx).map(Ok)
    })
    .await
}

/// Lets a runtime of one thread turn its driver until `seen`.
///
/// # Errors
/// Could not judge, when that is not seen within the patience of a check.
pub async fn turn_until(what: &str, mut seen: impl FnMut() -> bool) -> Checked {
    in_time(what, async {
        while !seen() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
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
