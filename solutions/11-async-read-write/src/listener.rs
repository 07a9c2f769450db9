//! A listener whose clients can be awaited.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;

use executor::reactor::{Direction, Registration};
use mio::Interest;
use mio::net;

use crate::stream::TcpStream;

/// A place where clients connect.
///
/// tokio 1.54: `src/net/tcp/listener.rs`, `TcpListener`
#[derive(Debug)]
pub struct TcpListener {
    registration: Registration<net::TcpListener>,
}

impl TcpListener {
    /// Listens at an address, and registers with the reactor of this thread's context.
    ///
    /// # Errors
    /// When the address is taken, and as [`Registration::new`].
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = net::TcpListener::bind(address)?;
        Ok(Self {
            registration: Registration::new(listener, Interest::READABLE)?,
        })
    }

    /// The address that it has really got.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.get_ref().local_addr()
    }

    /// Waits for a client, and takes it. If this is dropped before, the client waits for the next
    /// call. The client is registered with the reactor of the context that this is polled in.
    ///
    /// # Errors
    /// When no descriptor is left, for example. The client may still be waiting then, and no event
    /// will tell of it again: try again, but not at once.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let accept = |listener: &net::TcpListener| listener.accept();
        let (stream, address) =
            poll_fn(|cx| self.registration.poll_io(cx, Direction::Read, accept)).await?;
        Ok((TcpStream::new(stream)?, address))
    }
}
