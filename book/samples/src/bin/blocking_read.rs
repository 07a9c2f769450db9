//! The smallest program that sleeps in a system call: it reads once from its standard input.
//!
//! Run in a terminal it waits until you press Enter; `cat /proc/PID/syscall` in a second one shows
//! the call it sleeps in.
#![forbid(unsafe_code)]

use std::io::{self, Read};

fn main() -> io::Result<()> {
    println!("process {}", std::process::id());
    // ANCHOR: read
    let mut buffer = [0; 64];
    let n = io::stdin().read(&mut buffer)?;
    // ANCHOR_END: read
    println!("read {n} bytes");
    Ok(())
}
