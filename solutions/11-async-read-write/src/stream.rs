//! A connection that can be awaited.
//!
//! Invariant: no call here blocks. `Pending` is returned only when the reactor has the waker.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use executor::reactor::{Direction, Registration, Tick};
use mio::Interest;
use mio::net;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection. One task may wait to read while another waits to write: the traits are there for
/// `&TcpStream` as well.
///
/// tokio 1.54: `src/net/tcp/stream.rs`, `TcpStream`
#[derive(Debug)]
pub struct TcpStream {
    registration: Registration<net::TcpStream>,
}

impl TcpStream {
    pub(crate) fn new(stream: net::TcpStream) -> io::Result<Self> {
        let both = Interest::READABLE | Interest::WRITABLE;
        Ok(Self {
            registration: Registration::new(stream, both)?,
        })
    }

    /// Connects to an address, and registers with the reactor of this thread's context.
    ///
    /// # Errors
    /// When nobody listens there, or it cannot be reached; and as [`Registration::new`].
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = Self::new(net::TcpStream::connect(address)?)?;
        // When the attempt is over the socket is writable, also if it has failed.
        poll_fn(|cx| stream.registration.poll_ready(cx, Direction::Write)).await?;
        match stream.socket().take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// Waits until it is worth a try to read. The tick is for [`try_read`](Self::try_read).
    ///
    /// # Errors
    /// When the reactor has ended.
    pub async fn readable(&self) -> io::Result<Tick> {
        poll_fn(|cx| self.registration.poll_ready(cx, Direction::Read)).await
    }

    /// Reads what is there, without waiting; 0 bytes are the other end's goodbye. `tick` is what
    /// `readable` has returned.
    ///
    /// # Errors
    /// `WouldBlock` when nothing is there; otherwise what the kernel says.
    pub fn try_read(&self, tick: Tick, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.socket().read(buffer);
        self.settle(tick, &read, buffer.len());
        read
    }

    /// Writes what the socket takes, without waiting.
    ///
    /// # Errors
    /// `WouldBlock` when it is full; otherwise what the kernel says.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.socket().write(bytes)
    }

    /// Whether small writes are sent at once, also while earlier ones are not acknowledged.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.socket().set_nodelay(nodelay)
    }

    /// The address of this end.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket().local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// When there is no connection any more.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket().peer_addr()
    }

    fn socket(&self) -> &net::TcpStream {
        self.registration.get_ref()
    }

    /// Tells the registration what a try to move `wanted` bytes has shown of its direction. It is
    /// not ready any more when the try was refused, and neither when it was short: then the socket
    /// is empty, or full, and the next try would be refused.
    fn settle(&self, tick: Tick, tried: &io::Result<usize>, wanted: usize) {
        let is_spent = match tried {
            // A goodbye stays: whoever asks again is to hear it again.
            Ok(bytes) => 0 < *bytes && *bytes < wanted,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        };
        if is_spent {
            self.registration.clear(tick);
        }
    }

    /// Tries `io`, which wants to move so many bytes, when it is worth it, and again for as long as
    /// it is.
    fn poll_some(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        wanted: usize,
        mut io: impl FnMut(&net::TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let tick = ready!(self.registration.poll_ready(cx, direction))?;
            let tried = io(self.socket());
            self.settle(tick, &tried, wanted);
            match tried {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                answer => return Poll::Ready(answer),
            }
        }
    }
}

impl AsyncRead for &TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.initialize_unfilled();
        let (wanted, read) = (room.len(), |mut socket: &net::TcpStream| socket.read(room));
        let bytes = ready!(self.poll_some(cx, Direction::Read, wanted, read))?;
        buffer.advance(bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for &TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_some(cx, Direction::Write, bytes.len(), |mut socket| {
            socket.write(bytes)
        })
    }

    /// Nothing is kept here that could be flushed.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Says goodbye, after everything that was written. It can still be read from.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket().shutdown(Shutdown::Write))
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_read(cx, buffer)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_shutdown(cx)
    }
}
