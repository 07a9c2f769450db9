//! Lesson 03: sockets that never make the thread wait, and two programs that
//! ask them again and again.
//!
//! Invariant: no call on a client's socket ever sleeps; whoever has nothing to
//! say is asked again later.
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

mod many;
mod one;

use std::env;
use std::io;
use std::net::TcpListener;
use std::process;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let serve = match arguments.next().as_deref() {
        Some("one") => one::serve,
        Some("many") => many::serve,
        _ => {
            eprintln!("usage: {} one|many [ADDRESS]", env!("CARGO_BIN_NAME"));
            process::exit(2);
        }
    };
    let address = arguments.next().unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}
