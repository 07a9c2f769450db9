//! Measures how long an echo server lets a client wait while others are connected and silent, and
//! what it takes of a core while all of them are.
//!
//! Its arguments are the server's address, its process id, and the number of silent clients.
#![forbid(unsafe_code)]

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

const MESSAGES: u64 = 100;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, pid, silent] = &arguments[..] else {
        return Err(io::Error::other("usage: answer_times ADDRESS PID SILENT"));
    };
    let count = silent.parse().map_err(io::Error::other)?;
    let mut silent = Vec::new();
    for i in 1..=count {
        let mut client = TcpStream::connect(address)?;
        // Only so many may wait to be accepted: now and then one has to be answered.
        if i % 64 == 0 {
            round_trip(&mut client)?;
        }
        silent.push(client);
    }
    let mut talker = TcpStream::connect(address)?;
    talker.set_nodelay(true)?;
    round_trip(&mut talker)?;

    let (begun, before) = (Instant::now(), time_on_a_core(pid)?);
    thread::sleep(Duration::from_secs(1));
    let share = (time_on_a_core(pid)? - before).as_secs_f64() / begun.elapsed().as_secs_f64();

    let mut times = Vec::new();
    for i in 0..MESSAGES {
        // After another pause each time, up to 100 ms, lest the client fall
        // into step with the server.
        thread::sleep(Duration::from_micros(i * 7919 % 100_000));
        times.push(round_trip(&mut talker)?);
    }
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{count:>4} silent: {:>5.1} % of a core, answers in {median:.1?} (median), {worst:.1?} (worst)",
        share * 100.0
    );
    Ok(())
}

/// Sends some bytes, waits until as many have come back, and returns how long that took.
fn round_trip(client: &mut TcpStream) -> io::Result<Duration> {
    let begun = Instant::now();
    client.write_all(b"hello\n")?;
    client.read_exact(&mut [0; 6])?;
    Ok(begun.elapsed())
}

/// What all threads of a process have had of the cores so far: the first number in their
/// `schedstat`, in nanoseconds.
fn time_on_a_core(pid: &str) -> io::Result<Duration> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let schedstat = fs::read_to_string(task?.path().join("schedstat"))?;
        let first = schedstat.split(' ').next().unwrap_or_default();
        sum += first.parse::<u64>().map_err(io::Error::other)?;
    }
    Ok(Duration::from_nanos(sum))
}
