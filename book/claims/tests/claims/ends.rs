//! What the end of a runtime waits for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use claims::rt::{current_thread, workers};
use claims::{Checked, Claim, claim, owes, own};
use tokio::runtime::{Builder, Runtime};

/// A runtime whose one thread for blocking calls is in such a call, what ends the call, and what
/// tells that it has ended.
fn with_a_call() -> Checked<(Runtime, Sender<()>, Arc<AtomicBool>)> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.max_blocking_threads(1).build()?;
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let has_ended = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&has_ended);
    runtime.spawn_blocking(move || {
        let _ = begun.send(());
        let _ = released.recv();
        ended.store(true, Ordering::SeqCst);
    });
    begins.recv().expect("the call begins");
    Ok((runtime, release, has_ended))
}

/// Drops the runtime while `something` is in progress: the drop comes to its end when that has
/// ended, and not before.
fn dropping_waits(c: &Claim, runtime: Runtime, something: &str, release: Sender<()>) -> Checked {
    let drops = thread::spawn(move || drop(runtime));
    let threads = own::told(&own::reach_rest()?);
    let waits = !drops.is_finished();
    c.saw(format!("{something}: {threads}; dropping waits: {waits}"));
    assert!(waits);
    drop(release);
    owes("the end of the drop", || drops.is_finished())
}

/// Dropping a runtime waits for the blocking calls that have begun, however long they take.
/// `shutdown_timeout` does not wait longer than its time, and `shutdown_background` not at all.
///
/// See tokio 1.54.1: src/runtime/blocking/pool.rs, BlockingPool::shutdown.
#[test]
fn dropping_a_runtime_waits_for_blocking_calls() {
    claim(|c| {
        let (runtime, release, has_ended) = with_a_call()?;
        dropping_waits(c, runtime, "a call in progress", release)?;
        assert!(has_ended.load(Ordering::SeqCst));
        let (runtime, _in_progress, has_ended) = with_a_call()?;
        runtime.shutdown_timeout(Duration::from_millis(1));
        let after_a_timeout = has_ended.load(Ordering::SeqCst);
        let (runtime, _in_progress_too, has_ended) = with_a_call()?;
        runtime.shutdown_background();
        let in_the_background = has_ended.load(Ordering::SeqCst);
        c.saw(format!(
            "the call has ended after shutdown_timeout: {after_a_timeout}, shutdown_background: {in_the_background}"
        ));
        assert!(!after_a_timeout && !in_the_background);
        Ok(())
    });
}

/// A runtime that is dropped inside of `async` code panics, for its end may have to wait.
/// `shutdown_background` waits for nothing, and may be called there.
///
/// See tokio 1.54.1: src/runtime/blocking/shutdown.rs, Receiver::wait.
#[test]
fn a_runtime_dropped_in_async_code_panics() {
    claim(|c| {
        let (outer, dropped, shut_down) = (current_thread()?, current_thread()?, current_thread()?);
        let (drops, shuts_down) = outer.block_on(async {
            let drops = catch_unwind(AssertUnwindSafe(|| drop(dropped)));
            let shuts_down = catch_unwind(AssertUnwindSafe(|| shut_down.shutdown_background()));
            (drops.is_err(), shuts_down.is_err())
        });
        c.saw(format!(
            "panics: drop {drops}, shutdown_background {shuts_down}"
        ));
        assert_eq!((drops, shuts_down), (true, false));
        Ok(())
    });
}

/// A blocking call that waits for a busy thread of the pool is run although its runtime is dropped
/// meanwhile, and the drop waits for it.
///
/// A call that was given to an idle thread which has not woken yet is left out, but for the writes
/// of `tokio::fs`. See tokio 1.54.1: src/runtime/blocking/pool.rs, run_worker and Mandatory.
#[test]
fn a_blocking_call_that_waits_runs_although_its_runtime_ends() {
    claim(|c| {
        let (runtime, release, _) = with_a_call()?;
        let ran = Arc::new(AtomicBool::new(false));
        let runs = Arc::clone(&ran);
        runtime.spawn_blocking(move || runs.store(true, Ordering::SeqCst));
        let drops = thread::spawn(move || drop(runtime));
        own::reach_rest()?;
        let (waits, before) = (!drops.is_finished(), ran.load(Ordering::SeqCst));
        drop(release);
        owes("the end of the drop", || drops.is_finished())?;
        let after = ran.load(Ordering::SeqCst);
        c.saw(format!("one call runs, one waits; dropping waits: {waits}; the second has run: {before}, and at the end: {after}"));
        assert_eq!((waits, before, after), (true, false, true));
        Ok(())
    });
}

/// To drop a multi-thread runtime waits for the poll in progress on each worker, however long it
/// takes.
#[test]
fn dropping_a_runtime_waits_for_a_poll_in_progress() {
    claim(|c| {
        let runtime = workers(2)?;
        let polled = Arc::new(AtomicBool::new(false));
        let counted = Arc::clone(&polled);
        let (says, said) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        runtime.spawn(async move {
            let _ = says.send(());
            let _ = released.recv();
            counted.store(true, Ordering::SeqCst);
        });
        said.recv().expect("it is polled");
        dropping_waits(c, runtime, "a poll in progress", release)?;
        assert!(polled.load(Ordering::SeqCst));
        Ok(())
    });
}
