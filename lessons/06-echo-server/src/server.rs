//! The server: one `Poll`, one listener, and every client under a token of its own.
//!
//! Invariant: a client is registered under its token for exactly as long as it stands in `clients`.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::connection::{Connection, Progress};

/// The listener's token. Clients have the others.
const LISTENER: Token = Token(0);

/// Events taken from the kernel at once; what is beyond them waits there for the next call.
const EVENTS: usize = 1024;

/// An echo server that has bound its address.
pub(crate) struct Server {
    poll: Poll,
    listener: TcpListener,
    // yours: what the server has to remember between two events
    /// The live clients.
    clients: HashMap<Token, Connection>,
    /// The number of the youngest token given out. No number is given out twice, so a late event never finds a
    /// stranger under its token.
    last_token: usize,
    /// Set by the listener's event, cleared when `accept` answers WouldBlock: until then clients may be waiting, and
    /// no further event is owed.
    accept_is_due: bool,
    // end
}

// yours: how long to wait before accepting again when it failed for want of something
/// When `accept` fails for want of descriptors, no event tells that there are some again: ask after a pause.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);
// end

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
            // yours: and how that begins
            clients: HashMap::new(),
            last_token: LISTENER.0,
            accept_is_due: false,
            // end
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
            // todo: wait for events, and act on each: its token says whose it is
            let pause = self.accept_is_due.then_some(ACCEPT_AGAIN);
            self.wait(&mut events, pause)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept_is_due = true,
                    client => self.serve(client),
                }
            }
            if self.accept_is_due {
                self.accept_all();
            }
            // end
        }
    }

    /// Sleeps until something happens, or for `at_most`; `None` is for ever. May return without an event.
    fn wait(&mut self, events: &mut Events, at_most: Option<Duration>) -> io::Result<()> {
        match self.poll.poll(events, at_most) {
            // A stop and continue of the process ends the sleep: nothing happened, and nothing is wrong.
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            other => other,
        }
    }

    // yours: what to do when clients wait at the listener, and what to do when a client's socket is ready
    /// Takes every client that waits. One event may stand for many of them, and there is no second.
    fn accept_all(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, _address)) => self.admit(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.accept_is_due = false;
                    return;
                }
                // Out of descriptors, most likely. It stays due.
                Err(_) => return,
            }
        }
    }

    /// Registers a client under a token of its own. One that cannot be registered is hung up on.
    fn admit(&mut self, mut stream: TcpStream) {
        self.last_token += 1;
        let token = Token(self.last_token);
        let both = Interest::READABLE | Interest::WRITABLE;
        if self
            .poll
            .registry()
            .register(&mut stream, token, both)
            .is_ok()
        {
            self.clients.insert(token, Connection::new(stream));
        }
    }

    /// Moves a client's bytes as far as they go now, and parts with a client that is done or lost.
    fn serve(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(&token) else {
            return;
        };
        if matches!(client.pump(), Ok(Progress::Waiting)) {
            return;
        }
        if let Some(mut client) = self.clients.remove(&token) {
            // Closing the socket would do it too. Said here, it stays true if someone keeps the socket.
            let _ = self.poll.registry().deregister(client.stream());
        }
    }
    // end
}
