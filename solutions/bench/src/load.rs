//! The load: many connections, each of which sends a message when the one before has come back.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, SocketAddr};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// How long a message is, in bytes.
const MESSAGE: usize = 64;
/// How many connect at once, before the last of them is served: fewer than a backlog holds.
const WAVE: usize = 64;
/// A server that says nothing for so long says nothing any more.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connections to a server.
pub(crate) struct Load {
    poll: Poll,
    clients: Vec<Client>,
}

struct Client {
    stream: TcpStream,
    /// How much of the message that is under way has come back.
    back: usize,
    sent: Instant,
}

/// What a load has seen.
pub(crate) struct Seen {
    /// How many messages have come back.
    pub(crate) messages: usize,
    /// How long each of them took.
    pub(crate) waited: Vec<Duration>,
}

impl Load {
    /// Connects so many clients, and returns when all of them are served.
    pub(crate) fn connect(address: SocketAddr, count: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut clients = Vec::with_capacity(count);
        for number in 0..count {
            let mut stream = net::TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            if number % WAVE == WAVE - 1 || number + 1 == count {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.write_all(&[0; MESSAGE])?;
                stream.read_exact(&mut [0; MESSAGE])?;
            }
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry()
                .register(&mut stream, Token(number), Interest::READABLE)?;
            clients.push(Client {
                stream,
                back: 0,
                sent: Instant::now(),
            });
        }
        Ok(Self { poll, clients })
    }

    /// Has all clients talk, until at least so many messages have come back; then lets those that
    /// are under way come back, too.
    pub(crate) fn talk(&mut self, messages: usize) -> io::Result<Seen> {
        let mut seen = Seen {
            messages: 0,
            waited: Vec::with_capacity(messages + self.clients.len()),
        };
        let mut events = Events::with_capacity(1024);
        self.clients.iter_mut().try_for_each(Client::send)?;
        let mut under_way = self.clients.len();
        while under_way > 0 {
            self.poll.poll(&mut events, Some(PATIENCE))?;
            if events.is_empty() {
                return Err(io::Error::new(ErrorKind::TimedOut, "a message is lost"));
            }
            for event in &events {
                let client = &mut self.clients[event.token().0];
                if !client.is_answered()? {
                    continue;
                }
                seen.messages += 1;
                seen.waited.push(client.sent.elapsed());
                if seen.messages + under_way <= messages {
                    client.send()?;
                } else {
                    under_way -= 1;
                }
            }
        }
        Ok(seen)
    }
}

impl Client {
    fn send(&mut self) -> io::Result<()> {
        self.back = 0;
        self.sent = Instant::now();
        self.stream.write_all(&[7; MESSAGE])
    }

    /// Reads what has come; whether the message is back now.
    fn is_answered(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 2 * MESSAGE];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(bytes) => self.back += bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if self.back > MESSAGE {
            return Err(io::Error::other("more came back than was sent"));
        }
        Ok(self.back == MESSAGE)
    }
}
