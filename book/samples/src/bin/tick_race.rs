//! A read is refused, bytes come, the reactor turns, and only then is the readiness
//! cleared: what the tick does.
//!
//! The reactor turns on a thread of its own. The task is this thread, which takes
//! its steps one at a time.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net;
use std::task::{Context, Poll, Waker};
use std::thread;

use mio::Interest;
use mio::net::TcpStream;
use reactor::{Direction, Reactor, Registration, Tick};

fn main() -> io::Result<()> {
    let background = Reactor::new()?.background()?;
    let _entered = background.handle().enter();
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let mut peer = net::TcpStream::connect(listener.local_addr()?)?;
    let (stream, _address) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let stream = Registration::new(TcpStream::from_std(stream), Interest::READABLE)?;

    println!("          poll_ready  {}", look(&stream, &[]));
    peer.write_all(b"a")?;
    let first = event_after(&stream, None);
    println!("event     poll_ready  {}", look(&stream, &[first]));
    println!("          read        {}", read(&stream));
    println!("          read        {}", read(&stream));
    // Here the task is about to clear, on the strength of that refusal.
    peer.write_all(b"hello")?;
    let second = event_after(&stream, Some(first));
    let ticks = [first, second];
    println!("event     poll_ready  {}", look(&stream, &ticks));
    stream.clear(first);
    println!("          clear(1)    {}", look(&stream, &ticks));
    println!("          read        {}", read(&stream));
    println!("          read        {}", read(&stream));
    stream.clear(second);
    println!("          clear(2)    {}", look(&stream, &ticks));
    Ok(())
}

/// Looks without waiting.
fn poll(stream: &Registration<TcpStream>) -> Poll<io::Result<Tick>> {
    stream.poll_ready(&mut Context::from_waker(Waker::noop()), Direction::Read)
}

/// Looks again and again until the reactor has dispatched an event since `before`.
fn event_after(stream: &Registration<TcpStream>, before: Option<Tick>) -> Tick {
    loop {
        match poll(stream) {
            Poll::Ready(Ok(tick)) if Some(tick) != before => return tick,
            _ => thread::yield_now(),
        }
    }
}

/// Looks, and says which of the known ticks it was told.
fn look(stream: &Registration<TcpStream>, ticks: &[Tick]) -> String {
    match poll(stream) {
        Poll::Ready(Ok(tick)) => {
            let earlier = ticks.iter().take_while(|known| **known != tick).count();
            format!("ready, tick {}", earlier + 1)
        }
        Poll::Ready(Err(error)) => error.to_string(),
        Poll::Pending => "pending".into(),
    }
}

fn read(stream: &Registration<TcpStream>) -> String {
    match stream.get_ref().read(&mut [0; 64]) {
        Ok(n) => format!("{n} bytes"),
        Err(error) => format!("{:?}", error.kind()),
    }
}
