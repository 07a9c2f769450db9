//! Calls that block: the pool for them, its limit, and what a runtime's end waits for.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use claims::rt::{current_thread, owes_end};
use claims::{Call, Checked, Stop, claim, owes, own, reach};
use grader::kernel::threads;
use rustix::process::{Resource, Rlimit, getpid, getrlimit, setrlimit};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
/// A tokio runtime starts no thread for blocking calls before one is made. `spawn_blocking` starts
/// a thread if none is idle, and one that is idle takes the next call.
#[test]
fn the_blocking_pool_begins_empty() {
    claim(|c| {
        let before = threads::of(getpid());
        let new = || {
            let mut threads = threads::of(getpid());
            threads.retain(|t| before.iter().all(|earlier| earlier.id != t.id));
            threads
        };
        let runtime = current_thread()?;
        let at_first = new().len();
        let job = || runtime.block_on(runtime.spawn_blocking(|| thread::current().id()));
        let first = job().expect("nobody panics");
        reach("the pool's thread asleep in futex", || {
            new().iter().all(|t| t.sleeps_in(&[Call::Futex]))
        })?;
        let second = job().expect("nobody panics");
        let at_last = new().len();
        c.saw(format!(
            "threads at first {at_first}, at last {at_last}; jobs on {first:?} and {second:?}"
        ));
        assert_eq!((at_first, at_last), (0, 1));
        assert_eq!(first, second);
        Ok(())
    });
}

/// Begins `count` blocking calls, which all wait for the end of the sender. Each tells when it
/// begins.
fn begin_calls(runtime: &Runtime, count: usize) -> (Sender<()>, Receiver<()>) {
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    for _ in 0..count {
        let (begun, released) = (begun.clone(), Arc::clone(&released));
        runtime.spawn_blocking(move || {
            let _ = begun.send(());
            let _ = released.lock().map(|released| released.recv());
        });
    }
    (release, begins)
}

/// `spawn_blocking` starts a thread for each call that finds no idle one, up to a limit. Further
/// calls wait for a thread that is free again.
#[test]
fn blocking_calls_beyond_the_limit_wait() {
    claim(|c| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(4).build()?;
        let (release, begins) = begin_calls(&runtime, 10);
        let mut begun = 0;
        owes("four of the calls running", || {
            begun += begins.try_iter().count();
            begun >= 4
        })?;
        let threads = own::reach_rest()?.len();
        begun += begins.try_iter().count();
        c.saw(format!(
            "10 calls, a limit of 4: {begun} run, on {threads} threads"
        ));
        assert_eq!((begun, threads), (4, 4));
        drop(release);
        owes("the other six", || {
            begun += begins.try_iter().count();
            begun == 10
        })
    });
}

/// The blocking pool of a runtime has room for 512 threads, unless `max_blocking_threads` says
/// otherwise.
#[test]
fn the_blocking_pool_has_room_for_512_threads() {
    claim(|c| {
        let runtime = current_thread()?;
        let (release, begins) = begin_calls(&runtime, 520);
        let mut begun = 0;
        let all_run = owes("512 calls running", || {
            begun += begins.try_iter().count();
            begun >= 512
        });
        if all_run.is_err() && thread::Builder::new().spawn(|| ()).is_err() {
            let words = "this machine gives a process fewer than 512 threads";
            return Err(Stop::Skipped(words.into()));
        }
        all_run?;
        let threads = own::reach_rest()?.len();
        begun += begins.try_iter().count();
        c.saw(format!(
            "520 blocking calls: {begun} run, on {threads} threads"
        ));
        assert_eq!((begun, threads), (512, 512));
        drop(release);
        Ok(())
    });
}

/// `connect` with an address needs no thread. With a name it needs one of the blocking pool, for
/// the system's `getaddrinfo` blocks.
///
/// See tokio 1.54.1: src/net/addr.rs, spawn_blocking.
#[test]
fn a_name_is_looked_up_on_the_blocking_pool() {
    claim(|c| {
        let runtime = current_thread()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let before = threads::of(getpid()).len();
        let more = || threads::of(getpid()).len() - before;
        runtime.block_on(TcpStream::connect(address))?;
        runtime.block_on(TcpStream::connect(address.to_string()))?;
        let for_addresses = more();
        // Where the name leads to does not matter here.
        let _ = runtime.block_on(TcpStream::connect(("localhost", address.port())));
        let for_a_name = more();
        c.saw(format!(
            "threads of the pool after two addresses: {for_addresses}, after a name: {for_a_name}"
        ));
        assert_eq!((for_addresses, for_a_name), (0, 1));
        Ok(())
    });
}

/// A blocking call that runs cannot be aborted: it comes to its end, and its handle brings the
/// result. One that still waits for a thread can.
#[test]
fn a_blocking_call_that_runs_cannot_be_aborted() {
    claim(|c| {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().max_blocking_threads(1).build()?;
        let (says, said) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let running = runtime.spawn_blocking(move || {
            let _ = says.send(());
            let _ = released.recv();
        });
        said.recv().expect("it begins");
        let waiting = runtime.spawn_blocking(|| ());
        running.abort();
        waiting.abort();
        drop(release);
        let end = |handle: JoinHandle<()>| runtime.block_on(owes_end("a blocking call", handle));
        let (running, waiting) = (end(running)?.is_ok(), end(waiting)?);
        let cancelled = waiting.is_err_and(|error| error.is_cancelled());
        c.saw(format!("both aborted; the one that ran brings its result: {running}; the one that waited is cancelled: {cancelled}"));
        assert!(running && cancelled);
        Ok(())
    });
}

/// `spawn_blocking` panics when the system gives it no thread and the pool has none either. When
/// the pool has one, the call waits for that.
///
/// See tokio 1.54.1: src/runtime/blocking/pool.rs, spawn_task.
#[test]
fn spawn_blocking_panics_without_any_thread() {
    claim(|c| {
        let runtime = current_thread()?;
        let limit = getrlimit(Resource::As);
        let attempt = || -> Checked<Option<JoinHandle<()>>> {
            // No room for the addresses of another thread's stack.
            let pages = fs::read_to_string("/proc/self/statm")?;
            let pages = pages.split(' ').next().and_then(|n| n.parse::<u64>().ok());
            let now = pages.ok_or_else(|| Stop::Skipped("/proc/self/statm".into()))? * 4096;
            let scarce = Rlimit {
                current: Some(now + 512 * 1024),
                maximum: limit.maximum,
            };
            setrlimit(Resource::As, scarce)?;
            let call = catch_unwind(AssertUnwindSafe(|| runtime.spawn_blocking(|| ()))).ok();
            setrlimit(Resource::As, limit)?;
            Ok(call)
        };
        let without = attempt()?.is_none();
        let (release, begins) = begin_calls(&runtime, 1);
        begins.recv().expect("with room it begins");
        let queued = attempt()?;
        c.saw(format!(
            "no thread to be had: panics {without}; while the pool has one: panics {}",
            queued.is_none()
        ));
        assert!(without);
        let queued = queued.expect("it waits for the one thread");
        drop(release);
        let end = runtime.block_on(owes_end("the call that waited", queued))?;
        assert!(end.is_ok());
        Ok(())
    });
}
