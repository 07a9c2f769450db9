//! Lesson 04 again, built differently: each client has a number, and either reads or writes. It
//! writes only when poll has said that there is room, a little at a time, out of a buffer that it
//! owns.
//!
//! Invariant: `numbers[i]` is the number of the client that entry `i` of the list is about.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// The room for the bytes of one client.
const BUFFER: usize = 700;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:0".into());
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    println!("listening on {}", listener.local_addr()?);
    let mut clients: BTreeMap<u64, Client> = BTreeMap::new();
    let mut came: u64 = 0;
    loop {
        let (numbers, somebody_waits) = ask(&listener, &clients)?;
        for number in numbers {
            let stays = clients.get_mut(&number).is_some_and(Client::step);
            if !stays {
                clients.remove(&number);
            }
        }
        if somebody_waits && let Some(client) = Client::accept(&listener) {
            clients.insert(came, client);
            came += 1;
        }
    }
}

/// Returns the numbers of the clients about whom poll has said something, and whether it has said
/// something about the listener.
fn ask(listener: &TcpListener, clients: &BTreeMap<u64, Client>) -> io::Result<(Vec<u64>, bool)> {
    let numbers: Vec<u64> = clients.keys().copied().collect();
    let mut list: Vec<_> = clients.values().map(Client::question).collect();
    list.push(PollFd::new(listener, PollFlags::IN));
    while let Err(errno) = poll(&mut list, None) {
        if errno != Errno::INTR {
            return Err(errno.into());
        }
    }
    let told = |entry: &PollFd<'_>| !entry.revents().is_empty();
    let pairs = numbers.into_iter().zip(&list);
    let ready = pairs.filter_map(|(number, entry)| told(entry).then_some(number));
    Ok((ready.collect(), list.last().is_some_and(told)))
}

/// A client: its socket, and what it does next.
struct Client {
    socket: TcpStream,
    buffer: Box<[u8; BUFFER]>,
    state: State,
}

enum State {
    Reads,
    /// The bytes of the buffer in this range are still to be written; there is at least one.
    Writes(usize, usize),
}

impl Client {
    /// Takes a client that waits; `None` when there is none, or when it cannot be served.
    fn accept(listener: &TcpListener) -> Option<Self> {
        let (socket, _address) = listener.accept().ok()?;
        socket.set_nonblocking(true).ok()?;
        Some(Self {
            socket,
            buffer: Box::new([0; BUFFER]),
            state: State::Reads,
        })
    }

    fn question(&self) -> PollFd<'_> {
        let interest = match self.state {
            State::Reads => PollFlags::IN,
            State::Writes(..) => PollFlags::OUT,
        };
        PollFd::new(&self.socket, interest)
    }

    /// One read, or one write. Returns whether the client stays.
    fn step(&mut self) -> bool {
        let moved = match self.state {
            State::Reads => self.socket.read(&mut self.buffer[..]),
            State::Writes(from, to) => self.socket.write(&self.buffer[from..to]),
        };
        self.state = match (moved, &self.state) {
            (Ok(0), _) => return false,
            (Ok(n), State::Reads) => State::Writes(0, n),
            (Ok(n), State::Writes(from, to)) if from + n < *to => State::Writes(from + n, *to),
            (Ok(_), State::Writes(..)) => State::Reads,
            (Err(error), _) => return error.kind() == ErrorKind::WouldBlock,
        };
        true
    }
}
