//! A connection whose one end is registered, all in this process; and what is said where
//! something goes wrong with it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};

use grader::kernel::tcp::{self, Socket, State};
use grader::{Checked, Explain, Stop, reach, violation};
use mio::Interest;
use mio::event::Source;
use mio::net::TcpStream;
use reactor::Registration;

/// The other end of a connection.
pub(crate) struct Peer {
    stream: std::net::TcpStream,
    /// The registered end.
    ours: SocketAddr,
}

/// Lays a connection. The first end never blocks.
pub(crate) fn connection() -> Checked<(TcpStream, Peer)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    stream.set_nodelay(true)?;
    let (end, _address) = listener.accept()?;
    end.set_nodelay(true)?;
    end.set_nonblocking(true)?;
    let ours = end.local_addr()?;
    Ok((TcpStream::from_std(end), Peer { stream, ours }))
}

/// Lays a connection and registers one end of it, for reading.
pub(crate) fn line() -> Checked<(Registration<TcpStream>, Peer)> {
    let (end, peer) = connection()?;
    Ok((register(end, Interest::READABLE)?, peer))
}

/// Registers a source where nothing stands in its way.
pub(crate) fn register<S: Source>(source: S, interest: Interest) -> Checked<Registration<S>> {
    must("`Registration::new`", Registration::new(source, interest))
}

impl Peer {
    /// Sends bytes to an end that has read all before, and waits until the
    /// kernel shows them unread.
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

    /// Waits until nothing of so many written bytes is on its way: each lies unread at this end,
    /// which has said so, or has not left the registered one.
    pub(crate) fn has_told_of(&self, written: usize) -> Checked {
        let here = self.stream.local_addr()?;
        reach("the end of what is on its way to the other end", || {
            let unread = tcp::connection(here, self.ours).ok().flatten();
            let unread = unread.map_or(0, |socket| socket.receive_queue);
            let kept = self.end().map_or(0, |socket| socket.send_queue);
            unread + kept == written as u64
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

/// What has to succeed here, where nothing stands in its way.
pub(crate) fn must<T>(what: &str, done: io::Result<T>) -> Checked<T> {
    done.map_err(|error| {
        violation(format!("{what} failed: {error}")).explain(
            &format!("{what} succeeds where nothing stands in its way"),
            "socket, reactor and kernel are as they should be here. Either the error is your own, or you have asked the \
             kernel for something that it could not do: the same source twice, for example, or one that it does not know",
            "where this error is made, or passed on",
        )
    })
}
