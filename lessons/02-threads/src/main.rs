//! Lesson 02: an echo server that spends a thread on every client.
//!
//! Invariant: the first thread sleeps in `accept`; every other thread has one client, sleeps in
//! that client's read, and ends when its client has left.
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
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}

/// Gives every client a thread of its own, for ever.
///
/// There is no error that it may return: when `main` ends, every thread ends, whoever it is
/// serving.
fn serve(listener: &TcpListener) -> ! {
    todo!("accept clients for ever, and give each a thread of its own")
}

// the life of a client's thread, from its start to its client's goodbye
