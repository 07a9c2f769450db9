//! A reactor, a registration, and the other end of its connection, all in this process.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::task::Poll;
use std::time::{Duration, Instant};

use grader::kernel::tcp::{self, Socket, State};
use grader::{Checked, Failure, Stop, WakerProbe, reach};
use mio::Interest;
use mio::net::TcpStream;
use reactor::{Direction, Entered, Reactor, Registration, Tick};

/// The most that one turn may sleep where something is to come. An event that is there ends it at once.
const TURN: Duration = Duration::from_millis(200);

/// How long turns may take to bring a wake for what the kernel shows as arrived.
const PATIENCE: Duration = Duration::from_secs(2);

/// The other end of a connection.
pub(crate) struct Peer {
    stream: std::net::TcpStream,
    /// The registered end.
    ours: SocketAddr,
}

/// A reactor, in whose context this thread now is.
pub(crate) fn reactor() -> Checked<(Reactor, Entered)> {
    let reactor = must("`Reactor::new`", Reactor::new())?;
    let entered = reactor.handle().enter();
    Ok((reactor, entered))
}

/// Lays a connection. The first end never blocks.
pub(crate) fn connection() -> Checked<(TcpStream, Peer)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    stream.set_nodelay(true)?;
    let (end, _address) = listener.accept()?;
    end.set_nonblocking(true)?;
    let ours = end.local_addr()?;
    Ok((TcpStream::from_std(end), Peer { stream, ours }))
}

/// Lays a connection and registers one end of it, for reading.
pub(crate) fn line() -> Checked<(Registration<TcpStream>, Peer)> {
    let (end, peer) = connection()?;
    Ok((register(end, Interest::READABLE)?, peer))
}

/// Registers a source where nothing stands against it.
pub(crate) fn register<S: mio::event::Source>(
    source: S,
    interest: Interest,
) -> Checked<Registration<S>> {
    must("`Registration::new`", Registration::new(source, interest))
}

impl Peer {
    /// Sends bytes to an end that has read all before, and waits until the kernel shows them unread.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Checked {
        self.stream.write_all(bytes)?;
        reach("the bytes in the receive queue", || {
            self.end()
                .is_ok_and(|end| end.receive_queue == bytes.len() as u64)
        })
    }

    /// Sends bytes, wherever they are now.
    pub(crate) fn send_soon(&mut self, bytes: &[u8]) -> Checked {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Says goodbye, and waits until the kernel shows that it has arrived.
    pub(crate) fn finish(&mut self) -> Checked {
        self.stream.shutdown(Shutdown::Write)?;
        reach("the goodbye at the registered end", || {
            self.end().is_ok_and(|end| end.state == State::CloseWait)
        })
    }

    /// Reads so many bytes.
    pub(crate) fn take(&mut self, bytes: usize) -> Checked {
        Ok(self.stream.read_exact(&mut vec![0; bytes])?)
    }

    /// How many bytes lie unread before the registered end.
    pub(crate) fn unread(&self) -> Checked<u64> {
        Ok(self.end()?.receive_queue)
    }

    fn end(&self) -> Checked<Socket> {
        tcp::connection(self.ours, self.stream.local_addr()?)?.ok_or_else(|| {
            Stop::CouldNotJudge("the kernel does not show the registered socket".into())
        })
    }
}

/// The registration has to be pending for reading, with the probe's waker left behind.
pub(crate) fn waits(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked {
    match probe.poll_with(|cx| line.poll_ready(cx, Direction::Read))? {
        Poll::Pending => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "nothing has come, and `poll_ready` is {answer:?} instead of pending"
        ))),
    }
}

/// The registration has to be ready for reading.
pub(crate) fn is_ready(line: &Registration<TcpStream>, probe: &mut WakerProbe) -> Checked<Tick> {
    match probe.poll_with(|cx| line.poll_ready(cx, Direction::Read))? {
        Poll::Ready(Ok(tick)) => Ok(tick),
        Poll::Ready(Err(error)) => Err(violation(format!("`poll_ready` failed: {error}"))),
        Poll::Pending => Err(violation(
            "there is something to read, its event was dispatched, and `poll_ready` is pending",
        )),
    }
}

/// A read through `poll_io` has to bring this many bytes.
pub(crate) fn reads(
    line: &Registration<TcpStream>,
    probe: &mut WakerProbe,
    buffer: &mut [u8],
    bytes: usize,
) -> Checked {
    match probe.poll_with(|cx| line.poll_io(cx, Direction::Read, |mut s| s.read(buffer)))? {
        Poll::Ready(Ok(n)) if n == bytes => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "{bytes} bytes were to be read, and `poll_io` returned `Ready({answer:?})`"
        ))),
        Poll::Pending => Err(violation(format!(
            "{bytes} bytes were to be read, and `poll_io` is pending"
        ))),
    }
}

/// Reads past the reactor, until the socket refuses. Returns how many bytes there were.
pub(crate) fn empty(line: &Registration<TcpStream>) -> Checked<usize> {
    let (mut source, mut bytes) = (line.get_ref(), 0);
    loop {
        match source.read(&mut [0; 4096]) {
            Ok(0) => return Ok(bytes),
            Ok(n) => bytes += n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(bytes),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Turns the reactor once. Returns how many events it says it has passed on.
pub(crate) fn turn(reactor: &mut Reactor, at_most: Duration) -> Checked<usize> {
    turned(reactor.turn(Some(at_most)))
}

/// Turns the reactor until it has nothing more to tell.
pub(crate) fn settle(reactor: &mut Reactor) -> Checked {
    let deadline = Instant::now() + PATIENCE;
    while turn(reactor, Duration::ZERO)? > 0 {
        if Instant::now() >= deadline {
            return Err(violation(format!(
                "nothing happens, and `turn` passes on events for {} s",
                PATIENCE.as_secs()
            )));
        }
    }
    Ok(())
}

/// Turns the reactor until it has passed on an event. The kernel has one to tell.
pub(crate) fn turn_until_told(reactor: &mut Reactor) -> Checked {
    let mut told = 0;
    turn_until(
        reactor,
        &mut told,
        |told| told > 0,
        || "the kernel has an event, and no turn has passed one on".into(),
    )
}

/// Turns the reactor until a turn has woken the probe. Returns how many events were passed on meanwhile.
pub(crate) fn turn_until_woken(
    reactor: &mut Reactor,
    probe: &WakerProbe,
    whom: &str,
) -> Checked<usize> {
    let mut told = 0;
    turn_until(
        reactor,
        &mut told,
        |_| probe.wakes() > 0,
        || {
            let held = match probe.held() {
                0 => "nobody holds it any more",
                _ => "somebody holds it",
            };
            format!("the reactor has turned, and the waker of {whom} was not called; {held}")
        },
    )?;
    Ok(told)
}

fn turn_until(
    reactor: &mut Reactor,
    told: &mut usize,
    mut done: impl FnMut(usize) -> bool,
    otherwise: impl FnOnce() -> String,
) -> Checked {
    let deadline = Instant::now() + PATIENCE;
    while !done(*told) {
        if Instant::now() >= deadline {
            return Err(violation(otherwise()));
        }
        *told += turn(reactor, TURN)?;
    }
    Ok(())
}

/// What has to succeed here, where nothing stands against it.
pub(crate) fn must<T>(what: &str, done: io::Result<T>) -> Checked<T> {
    done.map_err(|error| {
        violation(format!("{what} failed: {error}")).explained(
            &format!("{what} succeeds where nothing stands against it"),
            "socket, reactor and kernel are as they should be here. Either the error is your own, or you have asked the \
             kernel for something that it could not do: the same source twice, for example, or one that it does not know",
            "where this error is made, or passed on",
        )
    })
}

/// A turn that has to succeed. What its error means is for the check to say.
pub(crate) fn turned(told: io::Result<usize>) -> Checked<usize> {
    told.map_err(|error| violation(format!("`turn` failed: {error}")))
}

/// A red verdict: the contract is broken, and this sentence says how.
pub(crate) fn violation(saw: impl Into<String>) -> Stop {
    let saw = saw.into();
    Failure {
        saw,
        ..Failure::default()
    }
    .into()
}
