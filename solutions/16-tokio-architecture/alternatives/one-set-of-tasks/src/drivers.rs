//! The experiment `drivers`: what a runtime can do with the drivers that it has, and
//! what it says without them.

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::runtime::{Drivers, Flavor, build};

/// Tries a socket and a timer, prints what came of each, and keeps the runtime until somebody ends
/// the program: there is something to look at in `/proc/PID/fd`.
///
/// # Errors
/// When the runtime cannot be built.
pub(crate) fn show(drivers: Drivers) -> io::Result<()> {
    let runtime = build(Flavor::Current, drivers)?;
    let socket = async { TcpListener::bind("127.0.0.1:0").await.map(drop) };
    attempt("socket", || runtime.block_on(socket));
    let timer = async { tokio::time::sleep(Duration::from_millis(1)).await };
    attempt("timer", || {
        runtime.block_on(timer);
        Ok(())
    });
    loop {
        thread::park();
    }
}

fn attempt(what: &str, work: impl FnOnce() -> io::Result<()>) {
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => println!("{what}: works"),
        Ok(Err(error)) => println!("{what}: error: {error}"),
        Err(payload) => println!("{what}: panicked: {}", words(&*payload)),
    }
}

/// What a panic said: `panic!` keeps a text without arguments as it is, and
/// makes a string of any other.
fn words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let string = || payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(string).unwrap_or("something without words")
}
