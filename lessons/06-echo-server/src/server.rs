//! The server: one `Poll`, one listener, and every client under a token of its own.
//!
//! Invariant: a client is registered under its token for exactly as long as it stands in `clients`.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::connection;

/// The listener's token. Clients have the others.
const LISTENER: Token = Token(0);

/// Events taken from the kernel at once; what is beyond them waits there for the next call.
const EVENTS: usize = 1024;

/// An echo server that has bound its address.
pub(crate) struct Server {
    poll: Poll,
    listener: TcpListener,
    // what the server has to remember between two events
}

impl Server {
    /// Binds `address` and registers the listener.
    ///
    /// # Errors
    /// When the address is taken, or the kernel has no descriptor left.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind(address)?;
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            poll,
            listener,
            // and how that begins
        })
    }

    /// The address that the listener really got.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves for ever.
    ///
    /// # Errors
    /// When waiting for events fails. What goes wrong with a client ends that client only.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            todo!("wait for events, and act on each: its token says whose it is")
        }
    }

    /// Sleeps until something happens, or for `at_most`; `None` is for ever. May
    /// return without an event.
    fn wait(&mut self, events: &mut Events, at_most: Option<Duration>) -> io::Result<()> {
        match self.poll.poll(events, at_most) {
            // A stop and continue of the process ends the sleep: nothing
            // happened, and nothing is wrong.
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            other => other,
        }
    }

    // what to do when clients wait at the listener, and when a client's socket is ready
}
