//! What one question costs when the list goes along with it (`poll`), and when the kernel
//! keeps the list (`epoll`).
//!
//! One socket of the list has a byte to read, all others are silent. So there is always an
//! answer, and neither call sleeps. The silent ones are one socket under many descriptors, which
//! are what both calls count.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Questions asked of each list. The fastest is reported: the others were disturbed.
const QUESTIONS: u32 = 2000;

fn main() -> io::Result<()> {
    let (silent, _other_end) = UnixStream::pair()?;
    let (speaks, mut other_end) = UnixStream::pair()?;
    other_end.write_all(b"!")?;
    println!("descriptors      poll     epoll_wait");
    for count in [10, 100, 1000] {
        let clones = (1..count).map(|_| silent.try_clone());
        let mut sockets = clones.collect::<io::Result<Vec<_>>>()?;
        sockets.push(speaks.try_clone()?);
        let (by_poll, by_epoll) = (cost_of_poll(&sockets)?, cost_of_epoll(&sockets)?);
        println!("{count:>11} {by_poll:>9.1?} {by_epoll:>14.1?}");
    }
    Ok(())
}

fn cost_of_poll(sockets: &[UnixStream]) -> io::Result<Duration> {
    let entry = |socket| PollFd::new(socket, PollFlags::IN);
    let mut list: Vec<PollFd<'_>> = sockets.iter().map(entry).collect();
    fastest(|| {
        poll(&mut list, Some(&Timespec::default()))?;
        Ok(())
    })
}

fn cost_of_epoll(sockets: &[UnixStream]) -> io::Result<Duration> {
    let bells = epoll::create(CreateFlags::CLOEXEC)?;
    for (data, socket) in (0..).zip(sockets) {
        epoll::add(&bells, socket, EventData::new_u64(data), EventFlags::IN)?;
    }
    let mut events = Vec::with_capacity(8);
    fastest(|| {
        events.clear();
        epoll::wait(
            &bells,
            spare_capacity(&mut events),
            Some(&Timespec::default()),
        )?;
        Ok(())
    })
}

fn fastest(mut question: impl FnMut() -> io::Result<()>) -> io::Result<Duration> {
    let mut fastest = Duration::MAX;
    for _ in 0..QUESTIONS {
        let begun = Instant::now();
        question()?;
        fastest = fastest.min(begun.elapsed());
    }
    Ok(fastest)
}
