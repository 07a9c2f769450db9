//! A client of the program under judgement: connects, sends, and reads.
//!
//! Invariant: no call on its socket blocks, so a client waits only as long as the program may still
//! answer.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::{set_socket_recv_buffer_size, socket_error};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};

use crate::program::Program;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::{Checked, Stop};
use crate::{machine_check, wait};

pub(crate) mod backpressure;
pub(crate) mod clients;
pub(crate) mod ends;
mod exchange;
mod goodbye;
pub(crate) mod load;
pub(crate) mod pace;

/// How long a client waits at once before it looks whether the program still runs.
pub(crate) const SLICE: Duration = Duration::from_millis(20);

/// One connection to a program.
#[derive(Debug)]
pub struct Client {
    /// The program that it is connected to.
    program: Program,
    /// Never blocks.
    stream: TcpStream,
    /// Its own end.
    local: SocketAddr,
    /// The program's end.
    remote: SocketAddr,
    /// Bytes that the kernel has taken from this client so far.
    sent: u64,
    /// Bytes that came back so far.
    received: u64,
}

/// What is special about a client's own end.
#[derive(Clone, Copy, Default)]
struct OwnEnd {
    /// The size of its receive buffer, in bytes; `None` for what the kernel gives.
    receive_buffer: Option<usize>,
    /// Its address; `None` for any.
    address: Option<SocketAddr>,
}

/// The result of one read.
pub(crate) enum Arrival {
    Bytes(usize),
    Nothing,
    Goodbye,
    Lost(io::Error),
}

impl Program {
    /// Connects a client.
    ///
    /// # Errors
    /// Red, when the connection is refused or not answered.
    pub fn connect(&self) -> Checked<Client> {
        Client::connect(self, OwnEnd::default())
    }

    /// Connects a client whose own end is `from`, an address of the loopback network and a port; a
    /// port of 0 is any. Two clients may have one port at two addresses.
    ///
    /// # Errors
    /// As [`Program::connect`]; could not judge, when the address cannot be had.
    pub fn connect_from(&self, from: SocketAddr) -> Checked<Client> {
        let address = Some(from);
        Client::connect(
            self,
            OwnEnd {
                address,
                ..OwnEnd::default()
            },
        )
    }

    /// Connects a client with a small receive buffer: it holds little that it has not read. The
    /// kernel doubles `bytes`.
    ///
    /// # Errors
    /// As [`Program::connect`].
    pub fn connect_with_small_window(&self, bytes: usize) -> Checked<Client> {
        let receive_buffer = Some(bytes);
        Client::connect(
            self,
            OwnEnd {
                receive_buffer,
                ..OwnEnd::default()
            },
        )
    }
}

impl Client {
    fn connect(program: &Program, from: OwnEnd) -> Checked<Self> {
        let address = program.address();
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket: OwnedFd = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        if let Some(bytes) = from.receive_buffer {
            set_socket_recv_buffer_size(&socket, bytes)?;
        }
        if let Some(address) = from.address {
            bind(&socket, &address)?;
        }
        let refused = |why: &str| {
            program.red(format!("a client that connects to {address} is refused: {why}")).suggest(
                "the program accepts clients for as long as it runs",
                "a listener that is dropped, or whose queue of waiting clients is full, takes no more",
                "how long the listener lives, and how often it is asked for the next client",
            )
        };
        match connect(&socket, &address) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
            Err(errno) if machine_check::is_no_way(errno) => {
                return Err(Stop::CouldNotJudge(machine_check::no_way(&errno.into())));
            }
            Err(errno) => return Err(refused(&errno.to_string())),
        }
        let connected = program.owes(|| {
            ready(&socket, PollFlags::OUT, SLICE)?;
            Some(socket_error(&socket))
        });
        match connected {
            Some(Ok(Ok(()))) => {}
            Some(Ok(Err(errno))) => return Err(refused(&errno.to_string())),
            Some(Err(errno)) => return Err(errno.into()),
            None => return Err(refused("no answer came")),
        }
        Ok(Self::over(program, socket.into(), address)?)
    }

    /// A client at this end of a connection to a program, whose end is `remote`; `stream` must not
    /// block. The address of the program's end is an argument because the socket does not know it
    /// any more once the program has reset the connection.
    pub(crate) fn over(
        program: &Program,
        stream: TcpStream,
        remote: SocketAddr,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            program: program.clone(),
            local: stream.local_addr()?,
            remote,
            stream,
            sent: 0,
            received: 0,
        })
    }

    /// A red verdict on a connection that broke while bytes were sent.
    pub(crate) fn broken<T>(&self, error: &io::Error) -> Checked<T> {
        self.red(format!(
            "the connection broke while bytes were sent: {error}"
        ))
        .map_err(|stop| stop.caused(Some(Cause::HungUp)))
    }

    /// Sends all of these bytes without reading. On a fresh connection the kernel takes 100 KiB in
    /// any case; more may need a program that reads.
    ///
    /// # Errors
    /// Red, when the connection is gone; could not judge, when the kernel does not take them.
    pub fn send(&mut self, bytes: &[u8]) -> Checked {
        let mut sent = 0;
        let (deadline, _) = wait::deadline(wait::PATIENCE);
        while sent < bytes.len() {
            match self.offer(&bytes[sent..]) {
                Ok(0) if Instant::now() >= deadline => {
                    return Err(Stop::CouldNotJudge(format!(
                        "the kernel took {sent} of {} bytes",
                        bytes.len()
                    )));
                }
                Ok(0) => drop(ready(&self.stream, PollFlags::OUT, SLICE)),
                Ok(n) => sent += n,
                Err(error) => {
                    return self.broken(&error);
                }
            }
        }
        Ok(())
    }

    /// Its own address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.local
    }

    /// The address of the program's end.
    pub(crate) fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// Bytes that the kernel has taken from this client so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes that came back so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The program it is connected to.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Offers bytes without waiting; returns how many the kernel took, which is 0 when its buffers
    /// are full.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match (&self.stream).write(bytes) {
            Ok(n) => {
                let sent = self.program.sent();
                sent.note(self.local, self.sent, &bytes[..n]);
                self.sent += n as u64;
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Waits at most `at_most` for room to send, and returns whether there is some.
    pub(crate) fn wait_writable(&self, at_most: Duration) -> bool {
        ready(&self.stream, PollFlags::OUT, at_most).is_some()
    }

    /// A red verdict on what this client has just seen.
    pub(crate) fn red<T>(&self, saw: impl Into<String>) -> Checked<T> {
        Err(self.program.red(saw).suggest(
            "every byte that a client sends comes back, in order",
            "",
            "what happens to a byte between the read and the write",
        ))
    }

    /// Reads once, without waiting.
    pub(crate) fn take(&mut self, buffer: &mut [u8]) -> Arrival {
        match (&self.stream).read(buffer) {
            Ok(0) => Arrival::Goodbye,
            Ok(n) => {
                self.received += n as u64;
                Arrival::Bytes(n)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Arrival::Nothing,
            Err(error) => Arrival::Lost(error),
        }
    }
}

/// Waits at most `at_most` until one of `flags`, an error or a hang-up shows.
pub(crate) fn ready(
    socket: &impl std::os::fd::AsFd,
    flags: PollFlags,
    at_most: Duration,
) -> Option<()> {
    let time_out = Timespec {
        tv_sec: at_most.as_secs() as i64,
        tv_nsec: i64::from(at_most.subsec_nanos()),
    };
    let mut fds = [PollFd::new(socket, flags)];
    poll(&mut fds, Some(&time_out))
        .is_ok_and(|n| n > 0)
        .then_some(())
}
