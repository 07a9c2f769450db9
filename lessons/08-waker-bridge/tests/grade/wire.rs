//! A bridge with its reader, and the other end of the connection, all in this process.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::task::Poll;
use std::time::{Duration, Instant};

use bridge::{Bridge, Reader};
use grader::kernel::tcp;
use grader::{Checked, Stop, WakerProbe, reach, violation};

/// The most that one turn may sleep. An event that is there ends it at once.
const TURN: Duration = Duration::from_millis(200);

/// How long turns may take to bring a wake for bytes that the kernel shows as arrived.
const PATIENCE: Duration = Duration::from_secs(2);

/// The other end of the reader's connection.
pub(crate) struct Peer {
    stream: TcpStream,
    /// The reader's socket once more: whatever is read here the reader will not find.
    rival: TcpStream,
}

/// Lays a connection and registers one end of it.
pub(crate) fn lay() -> Checked<(Bridge, Reader, Peer)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let stream = TcpStream::connect(listener.local_addr()?)?;
    stream.set_nodelay(true)?;
    let (end, _address) = listener.accept()?;
    end.set_nonblocking(true)?;
    let rival = end.try_clone()?;
    let made = Bridge::new().and_then(|mut bridge| {
        let reader = bridge.register(mio::net::TcpStream::from_std(end))?;
        Ok((bridge, reader))
    });
    let (bridge, reader) =
        made.map_err(|error| violation(format!("the bridge cannot be made: {error}")))?;
    Ok((bridge, reader, Peer { stream, rival }))
}

impl Peer {
    /// Sends bytes, and waits until the kernel shows them unread, behind those that are unread
    /// already.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Checked {
        let due = self.unread()? + bytes.len() as u64;
        self.stream.write_all(bytes)?;
        reach("the bytes in the reader's receive queue", || {
            self.unread().is_ok_and(|unread| unread == due)
        })
    }

    /// Resets the connection, and waits until the kernel shows it gone at the reader's end.
    pub(crate) fn reset(self) -> Checked {
        let (mine, readers) = (self.stream.local_addr()?, self.stream.peer_addr()?);
        // A socket that is closed with a byte unread resets its connection.
        (&self.rival).write_all(b"!")?;
        reach("an unread byte at this end", || {
            tcp::connection(mine, readers)
                .is_ok_and(|end| end.is_some_and(|end| end.receive_queue == 1))
        })?;
        drop(self.stream);
        reach("the reset at the reader's end", || {
            tcp::connection(readers, mine).is_ok_and(|end| end.is_none())
        })
    }

    /// How many bytes lie unread before the reader.
    pub(crate) fn unread(&self) -> Checked<u64> {
        let (end, remote) = (self.rival.local_addr()?, self.rival.peer_addr()?);
        let socket = tcp::connection(end, remote)?;
        socket.map(|socket| socket.receive_queue).ok_or_else(|| {
            Stop::CouldNotJudge("the kernel does not show the reader's socket".into())
        })
    }

    /// Reads everything before the reader can.
    pub(crate) fn steal(&mut self) -> Checked {
        match self.rival.read(&mut [0; 4096]) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Turns the bridge once. The kernel has something to tell, so it comes back soon.
pub(crate) fn turn(bridge: &mut Bridge) -> Checked {
    turn_for(bridge, TURN)
}

/// Turns the bridge once, with this time-out.
pub(crate) fn turn_for(bridge: &mut Bridge, time_out: Duration) -> Checked {
    let failed = |error: io::Error| violation(format!("the turn failed: {error}"));
    bridge.turn(Some(time_out)).map_err(failed)
}

/// Turns the bridge until a turn has woken the probe; one may come back without an event.
pub(crate) fn turn_until_woken(bridge: &mut Bridge, probe: &WakerProbe) -> Checked {
    let deadline = Instant::now() + PATIENCE;
    let before = probe.wakes();
    while probe.wakes() == before {
        if Instant::now() >= deadline {
            return Err(violation(
                "bytes are there, the bridge has turned, and the turn has not called the waker of the latest poll",
            ));
        }
        turn(bridge)?;
    }
    Ok(())
}

/// The future has to be pending.
pub(crate) fn pending(polled: Poll<io::Result<usize>>) -> Checked {
    match polled {
        Poll::Pending => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "there is nothing to read, and the future returned `Ready({answer:?})` instead of `Pending`"
        ))),
    }
}

/// The future has to be ready with this many bytes.
pub(crate) fn ready(polled: Poll<io::Result<usize>>, bytes: usize) -> Checked {
    match polled {
        Poll::Ready(Ok(n)) if n == bytes => Ok(()),
        Poll::Ready(answer) => Err(violation(format!(
            "{bytes} bytes are there, and the future returned `Ready({answer:?})`"
        ))),
        Poll::Pending => Err(violation(format!(
            "{bytes} bytes are there, and the future returned `Pending`"
        ))),
    }
}

/// `run` passes on what goes wrong with the bridge, and here nothing does.
pub(crate) fn failed(error: io::Error) -> Stop {
    violation(format!("`run` failed: {error}"))
}
