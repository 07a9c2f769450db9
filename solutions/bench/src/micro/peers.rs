//! The runtimes, behind one trait: what a piece of work asks of them.

use std::time::Duration;

use smol::LocalExecutor;

/// A runtime with one thread.
pub(super) trait Peer {
    const NAME: &'static str;

    /// Runs a future on a new runtime.
    fn block_on<F: Future>(future: F) -> F::Output;

    /// Makes a task of a future; what is returned waits for its output.
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + use<Self, F>
    where
        F: Future<Output: Send> + Send + 'static;

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send + use<Self>;
}

/// The runtime of lesson 13.
pub(super) struct Ours;

impl Peer for Ours {
    const NAME: &'static str = "ours";

    fn block_on<F: Future>(future: F) -> F::Output {
        let mut runtime = runtime::Runtime::new().expect("there is a descriptor left");
        runtime.block_on(future)
    }

    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = runtime::spawn(future);
        async { task.await.expect("no panic") }
    }

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send + use<> {
        runtime::sleep(time)
    }
}

/// tokio's current-thread runtime.
pub(super) struct Tokio;

impl Peer for Tokio {
    const NAME: &'static str = "tokio";

    fn block_on<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("there is a descriptor left");
        runtime.block_on(future)
    }

    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = tokio::spawn(future);
        async { task.await.expect("no panic") }
    }

    fn sleep(time: Duration) -> impl Future<Output = ()> + Send + use<> {
        tokio::time::sleep(time)
    }
}

/// smol, with its executor for one thread.
pub(super) struct Smol;

thread_local! {
    static EXECUTOR: LocalExecutor<'static> = const { LocalExecutor::new() };
}

impl Peer for Smol {
    const NAME: &'static str = "smol";

    fn block_on<F: Future>(future: F) -> F::Output {
        EXECUTOR.with(|executor| smol::block_on(executor.run(future)))
    }

    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        EXECUTOR.with(|executor| executor.spawn(future))
    }

    async fn sleep(time: Duration) {
        smol::Timer::after(time).await;
    }
}
