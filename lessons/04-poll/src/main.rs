//! Lesson 04: an echo server for any number of clients, on one thread that asks the kernel
//! about all of them at once.
//!
//! Invariant: the thread sleeps in `poll` and nowhere else; no socket ever blocks it.
#![forbid(unsafe_code)]
#![allow(
    dead_code,
    unused_variables,
    unused_imports,
    unused_mut,
    unreachable_code,
    clippy::diverging_sub_expression,
    reason = "a stub: delete this attribute when you begin"
)]

mod client;

use std::env;
use std::io;
use std::net::TcpListener;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}

/// Serves for ever.
///
/// # Errors
/// When `poll` itself fails. What goes wrong with a client ends that client only.
fn serve(listener: &TcpListener) -> io::Result<()> {
    todo!("ask poll about the listener and every client, act on the answers, and ask again")
}

// the call of poll, and what a client's arrival means
