//! How late a program hears its client, and what its silence costs: `how_late PROGRAM [ARGUMENT…]`.
//!
//! Fifty times it starts the program, connects, says nothing for a while, sends one byte, and takes
//! the time until the program prints a line that begins with `read`, or sends the byte back.
#![forbid(unsafe_code)]

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Messages, each to a program of its own.
const ROUNDS: u32 = 50;

fn main() -> io::Result<()> {
    let command: Vec<String> = env::args().skip(1).collect();
    let mut late = Vec::new();
    let (mut used, mut silent) = (Duration::ZERO, Duration::ZERO);
    for round in 0..ROUNDS {
        // 100 to 199 ms, all different: the byte meets a program that pauses at
        // every moment of its pause.
        let silence = Duration::from_millis(100 + u64::from(round * 37 % 100));
        let mut program = Command::new(&command[0])
            .args(&command[1..])
            .stdout(Stdio::piped())
            .spawn()?;
        let heard = hear(&mut program, silence);
        program.kill()?;
        program.wait()?;
        let (after, cost) = heard?;
        late.push(after);
        used += cost;
        silent += silence;
    }
    late.sort();
    let share = used.as_secs_f64() / silent.as_secs_f64();
    let (median, worst) = (late[late.len() / 2], late[late.len() - 1]);
    println!(
        "heard after {median:.1?} in the median, {worst:.1?} at worst; silence used {:.2} % of a core",
        share * 100.0
    );
    Ok(())
}

/// One message after `silence`: how late it was heard, and how long the silent program was on a
/// core.
fn hear(program: &mut Child, silence: Duration) -> io::Result<(Duration, Duration)> {
    let mut lines = BufReader::new(program.stdout.take().expect("it is piped")).lines();
    let first = lines.next().expect("a first line")?;
    let address = first.rsplit(' ').next().unwrap_or_default();
    let mut client = TcpStream::connect(address)?;
    client.set_nodelay(true)?;

    let (heard, answers) = mpsc::channel();
    let mut echoes = client.try_clone()?;
    let (says, sends) = (heard.clone(), heard);
    thread::spawn(move || {
        if lines
            .map_while(Result::ok)
            .any(|line| line.starts_with("read"))
        {
            let _ = says.send(Instant::now());
        }
    });
    thread::spawn(move || {
        if echoes.read_exact(&mut [0]).is_ok() {
            let _ = sends.send(Instant::now());
        }
    });

    thread::sleep(Duration::from_millis(50)); // It accepts the client, and comes to rest.
    let before = time_on_core(program)?;
    thread::sleep(silence);
    let cost = time_on_core(program)? - before;
    let sent = Instant::now();
    client.write_all(b"!")?;
    let heard = answers.recv().map_err(io::Error::other)?;
    Ok((heard - sent, cost))
}

/// The first number of `/proc/PID/schedstat`: nanoseconds that the first
/// thread has spent on a core.
fn time_on_core(program: &Child) -> io::Result<Duration> {
    let schedstat = fs::read_to_string(format!("/proc/{}/schedstat", program.id()))?;
    let nanoseconds = schedstat.split(' ').next().and_then(|n| n.parse().ok());
    nanoseconds
        .map(Duration::from_nanos)
        .ok_or_else(|| io::Error::other("no schedstat"))
}
