//! The same conversation, with the reactor on a thread of its own, and turned
//! by the thread that waits.
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use mio::Interest;
use mio::net::TcpStream;
use reactor::futures_by_hand::block_on;
use reactor::{Direction, Reactor, Registration};

/// Messages of one byte, there and back.
const MESSAGES: usize = 20_000;

type Stream = Registration<TcpStream>;

fn main() -> io::Result<()> {
    let background = Reactor::new()?.background()?;
    let entered = background.handle().enter();
    let stream = connect()?;
    let times = block_on(converse(&stream))?;
    report("a thread of its own", times);
    drop((stream, entered, background));

    let mut reactor = Reactor::new()?;
    let _entered = reactor.handle().enter();
    let stream = connect()?;
    let mut cx = Context::from_waker(Waker::noop());
    let mut conversation = pin!(converse(&stream));
    let times = loop {
        match conversation.as_mut().poll(&mut cx) {
            Poll::Ready(times) => break times?,
            Poll::Pending => reactor.turn(None)?,
        };
    };
    report("the thread that waits", times);
    Ok(())
}

/// Connects to a thread that sends every byte back.
fn connect() -> io::Result<Stream> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let mut far = net::TcpStream::connect(listener.local_addr()?)?;
    let (near, _address) = listener.accept()?;
    near.set_nodelay(true)?;
    near.set_nonblocking(true)?;
    far.set_nodelay(true)?;
    thread::spawn(move || {
        let mut byte = [0];
        while far.read_exact(&mut byte).is_ok() && far.write_all(&byte).is_ok() {}
    });
    let both = Interest::READABLE | Interest::WRITABLE;
    Registration::new(TcpStream::from_std(near), both)
}

/// Sends a byte and waits for it to come back, again and again. Returns how long each took.
async fn converse(stream: &Stream) -> io::Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(MESSAGES);
    for _ in 0..MESSAGES {
        let begun = Instant::now();
        poll_fn(|cx| stream.poll_io(cx, Direction::Write, |mut s| s.write(b"!"))).await?;
        poll_fn(|cx| stream.poll_io(cx, Direction::Read, |mut s| s.read(&mut [0]))).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

fn report(who: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    println!("{who:<22} {:>8.1?}", times[times.len() / 2]);
}
