//! What one call of `poll` costs, by the length of its list, and what it costs to write the list.
//!
//! All connections of the list are silent but the last. Another thread returns each byte over that
//! one, after a pause, so that `poll` sleeps before it has an answer, as it does in a server.
//! Counted is the processor time of the thread that calls `poll`; asleep it uses none.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

const CALLS: u32 = 500;
/// How long the other thread waits before it returns the byte: longer than any list
/// takes to be gone through.
const PAUSE: Duration = Duration::from_millis(1);

fn main() -> io::Result<()> {
    raise_the_limit_of_open_files()?;
    println!("clients   writing the list   one call of poll");
    for clients in [10, 100, 1_000] {
        let (writing, calling) = measure(clients)?;
        println!(
            "{clients:>7} {:>15.2} µs {:>15.1} µs",
            micros(writing),
            micros(calling)
        );
    }
    Ok(())
}

/// The processor time it takes to write a list of `clients` connections, and to call `poll` with
/// it, when all of them but one are silent.
fn measure(clients: usize) -> io::Result<(Duration, Duration)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let pairs = (0..clients).map(|_| connect(&listener));
    let (mine, mut others): (Vec<_>, Vec<_>) =
        pairs.collect::<io::Result<Vec<_>>>()?.into_iter().unzip();
    let mut partner = others.pop().expect("at least one client");
    let other_end = thread::spawn(move || {
        let mut byte = [0];
        while partner.read(&mut byte)? > 0 {
            thread::sleep(PAUSE);
            partner.write_all(&byte)?;
        }
        io::Result::Ok(())
    });

    let mut talker = mine.last().expect("at least one client");
    let (mut writing, mut calling) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..CALLS {
        talker.write_all(&[0])?;
        let begun = processor_time();
        let mut list: Vec<_> = mine
            .iter()
            .map(|stream| PollFd::new(stream, PollFlags::IN))
            .collect();
        let written = processor_time();
        poll(&mut list, None)?;
        calling += processor_time() - written;
        writing += written - begun;
        talker.read_exact(&mut [0])?;
    }
    drop(mine);
    other_end.join().expect("the other end does not panic")?;
    Ok((writing / CALLS, calling / CALLS))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn connect(listener: &TcpListener) -> io::Result<(TcpStream, TcpStream)> {
    let other = TcpStream::connect(listener.local_addr()?)?;
    other.set_nodelay(true)?;
    let (mine, _address) = listener.accept()?;
    mine.set_nodelay(true)?;
    Ok((mine, other))
}

/// What this thread has used of a core so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn raise_the_limit_of_open_files() -> io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )?)
}
