//! Lesson 01: an echo server on one thread, which sleeps wherever the kernel lets it.
//!
//! Invariant: at any moment the thread is either asleep in one system call or busy with one client;
//! whoever else has come waits in the kernel.
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

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}

/// Serves one client after the other, for ever.
///
/// # Errors
/// When the listener itself fails. What goes wrong with a client is reported
/// and ends that client only.
fn serve(listener: &TcpListener) -> io::Result<()> {
    todo!("accept a client, echo until it leaves, then accept the next")
}

/// Sends back what `client` sends until it says goodbye; returns how many bytes that was.
///
/// # Errors
/// When the client is lost, by a reset for example.
fn echo(mut client: TcpStream) -> io::Result<u64> {
    todo!("read some bytes, write the same bytes back; a read of 0 bytes is the client's goodbye")
}
