//! When a bell rings again: six bytes arrive and are read two at a time, under a level-triggered
//! and under an edge-triggered registration.
//!
//! The two sockets are a Unix pair, where what is written has arrived when `write` returns, so that
//! no run differs from another.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

fn main() -> io::Result<()> {
    for (name, flags) in [
        ("level-triggered", EventFlags::IN),
        ("edge-triggered", EventFlags::IN | EventFlags::ET),
    ] {
        println!("{name}");
        let (mut client, server) = UnixStream::pair()?;
        let bells = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&bells, &server, EventData::new_u64(1), flags)?;
        client.write_all(b"sixbyt")?;
        println!("  6 bytes arrive");
        let left = read_while_it_rings(&bells, &server, 6)?;
        client.write_all(b"!")?;
        println!("  1 byte arrives");
        read_while_it_rings(&bells, &server, left + 1)?;
    }
    Ok(())
}

// ANCHOR: follow
/// Reads while the bell rings, two bytes at most each time; returns how many are left.
fn read_while_it_rings(
    bells: &OwnedFd,
    mut server: &UnixStream,
    unread: usize,
) -> io::Result<usize> {
    let mut left = unread;
    while rings(bells)? {
        let n = server.read(&mut [0; 2])?;
        left -= n;
        println!("  the bell rings: {n} read, {left} left");
    }
    println!("  the bell is silent");
    Ok(left)
}

/// Asks epoll for an event, and waits for none.
fn rings(bells: &OwnedFd) -> io::Result<bool> {
    let mut events = Vec::with_capacity(1);
    let at_once = Timespec::default();
    epoll::wait(bells, spare_capacity(&mut events), Some(&at_once))?;
    Ok(!events.is_empty())
}
// ANCHOR_END: follow
