//! Asks the kernel about two descriptors in one call: the terminal, and a listener.
//!
//! Press Enter, or connect to the port it prints; it says who was ready, and ends.
#![forbid(unsafe_code)]

use std::io;
use std::net::TcpListener;

use rustix::event::{PollFd, PollFlags, poll};

fn main() -> io::Result<()> {
    let terminal = io::stdin();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("press Enter, or connect to {}", listener.local_addr()?);
    // ANCHOR: ask
    let mut list = [
        PollFd::new(&terminal, PollFlags::IN),
        PollFd::new(&listener, PollFlags::IN),
    ];
    let how_many = poll(&mut list, None)?;
    let [terminal, listener] = list.map(|entry| entry.revents());
    // ANCHOR_END: ask
    println!("{how_many} ready; terminal: {terminal:?}, listener: {listener:?}");
    Ok(())
}
