//! A thread's beginning and its end: it is started by a call that can fail, and
//! joined for what it returns.
#![forbid(unsafe_code)]

use std::io;
use std::thread;

fn main() -> io::Result<()> {
    // ANCHOR: begin
    let counter = thread::Builder::new().name("counter".into());
    let handle = counter.spawn(|| (1..=100).sum::<u64>())?;
    // ANCHOR_END: begin
    // ANCHOR: end
    match handle.join() {
        Ok(sum) => println!("the thread returned {sum}"),
        Err(_) => println!("the thread panicked, and nobody else did"),
    }
    // ANCHOR_END: end
    Ok(())
}
