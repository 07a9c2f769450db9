//! A client of the program under judgement: sends, reads, compares, and knows what the kernel holds of its connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::{set_socket_linger, set_socket_recv_buffer_size, socket_error};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};

use crate::kernel::epoll::Registration;
use crate::kernel::tcp::{self, Socket, State};
use crate::program::Program;
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::{Checked, Stop};
use crate::{machine_check, reach, wait};

pub(crate) mod backpressure;
pub(crate) mod clients;
mod exchange;
pub(crate) mod load;

/// How long a client sleeps at once before it looks to see whether the program still lives.
pub(crate) const SLICE: Duration = Duration::from_millis(20);

/// One connection to a program.
#[derive(Debug)]
pub struct Client {
    program: Program,
    /// Never blocks.
    stream: TcpStream,
    local: SocketAddr,
    /// The program's end.
    remote: SocketAddr,
    /// Bytes that the kernel has taken from this client so far.
    sent: u64,
    /// Bytes that came back so far.
    received: u64,
}

/// The two ends of a connection, as the kernel knows them; an end that is gone is `None`.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The client's.
    pub mine: Option<Socket>,
    /// The program's.
    pub programs: Option<Socket>,
}

/// What a read brought.
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
    /// Red, when nobody takes the connection.
    pub fn connect(&self) -> Checked<Client> {
        Client::connect(self, None)
    }

    /// Connects a client that can hold little unread: `bytes` of receive buffer, which the kernel doubles.
    ///
    /// # Errors
    /// As [`Program::connect`].
    pub fn connect_with_small_window(&self, bytes: usize) -> Checked<Client> {
        Client::connect(self, Some(bytes))
    }
}

impl Client {
    fn connect(program: &Program, receive_buffer: Option<usize>) -> Checked<Self> {
        let address = program.address();
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket: OwnedFd = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        if let Some(bytes) = receive_buffer {
            set_socket_recv_buffer_size(&socket, bytes)?;
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

    /// A client at this end of a connection to a program, whose end is `remote`. The socket does not block. It is not
    /// asked where it leads: once the program has reset the connection it cannot tell.
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

    /// Sends all of these bytes without reading; meant for little, at most 100 KiB on a fresh connection.
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

    /// Waits until the kernel shows `unread` bytes in the program's receive queue.
    ///
    /// # Errors
    /// Could not judge, when it does not.
    pub fn reach_unread(&self, unread: u64) -> Checked {
        let what = format!("{unread} bytes in the program's receive queue");
        self.reach(&what, |ends| {
            ends.programs.is_some_and(|end| end.receive_queue == unread)
        })
    }

    /// Waits until the kernel shows that this client's goodbye has arrived: the program's end is in CLOSE_WAIT, or
    /// beyond it when the program has closed its own side by now.
    ///
    /// # Errors
    /// Could not judge, when it does not.
    pub fn reach_goodbye(&self) -> Checked {
        let closed = |ends: Ends| {
            ends.programs
                .is_none_or(|end| end.state != State::Established)
        };
        self.reach("the client's goodbye at the program's end", closed)
    }

    /// Waits until the kernel shows `what` of the two ends.
    ///
    /// # Errors
    /// Could not judge, when it does not.
    pub fn reach(&self, what: &str, shown: impl Fn(Ends) -> bool) -> Checked {
        reach(what, || self.ends().is_ok_and(&shown))
    }

    /// Says that it sends no more (FIN); it still reads. Where the program has broken the connection off by then, the
    /// next read tells.
    ///
    /// # Errors
    /// Could not judge, when the kernel refuses.
    pub fn finish_sending(&self) -> Checked {
        match self.stream.shutdown(std::net::Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            done => Ok(done?),
        }
    }

    /// Waits for the program's goodbye, with nothing before it.
    ///
    /// # Errors
    /// Red, when something else comes, or nothing.
    pub fn expect_goodbye(&mut self) -> Checked {
        let step = self.program.clone().owes(|| {
            ready(&self.stream, PollFlags::IN, SLICE)?;
            match self.take(&mut [0; 4096]) {
                Arrival::Nothing => None,
                arrival => Some(arrival),
            }
        });
        match step {
            Some(Arrival::Goodbye) => Ok(()),
            Some(Arrival::Bytes(n)) => {
                self.red(format!("{n} bytes came back that were never sent"))
            }
            Some(Arrival::Lost(error)) => {
                self.red(format!("the connection broke instead of ending: {error}"))
            }
            Some(Arrival::Nothing) | None => self.red("the connection stayed open"),
        }
    }

    /// Leaves by a reset (RST), which is what a crash, or a close with bytes unread, looks like from the other end, and
    /// waits until the kernel shows that it has arrived.
    ///
    /// # Errors
    /// Could not judge, when it does not.
    pub fn reset(self) -> Checked {
        set_socket_linger(&self.stream, Some(Duration::ZERO))?;
        let (local, remote) = (self.local, self.remote);
        drop(self);
        reach("the reset connection gone", || {
            ends(local, remote).is_ok_and(|ends| ends.programs.is_none())
        })
    }

    /// Leaves as a client should, with everything read (FIN), and waits until the kernel shows that its goodbye has
    /// arrived.
    ///
    /// # Errors
    /// Could not judge, when it does not.
    pub fn leave(self) -> Checked {
        let (local, remote) = (self.local, self.remote);
        drop(self);
        reach("the goodbye of a client that left", || {
            ends(local, remote).is_ok_and(|ends| {
                ends.programs
                    .is_none_or(|end| end.state != State::Established)
            })
        })
    }

    /// Whether the program has accepted this connection: until then its end has no inode.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.ends()
            .is_ok_and(|ends| ends.programs.is_some_and(|end| end.inode != 0))
    }

    /// How the program has registered its end of this connection with epoll; `None` while it has not, and once it has
    /// closed it.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        let inode = self.ends().ok()?.programs?.inode;
        let files = self.program.open_files();
        let file = files.iter().find(|f| f.socket_inode() == Some(inode))?;
        let registrations = self.program.registrations();
        registrations.into_iter().find(|r| r.fd == file.fd)
    }

    /// Both ends of the connection, as the kernel knows them.
    ///
    /// # Errors
    /// When the kernel tells neither over netlink nor in `/proc/net/tcp`.
    pub fn ends(&self) -> io::Result<Ends> {
        ends(self.local, self.remote)
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

    /// Offers bytes without waiting; returns how many the kernel took, 0 when its buffers are full.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match (&self.stream).write(bytes) {
            Ok(n) => {
                self.sent += n as u64;
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Waits a moment for room to send.
    pub(crate) fn wait_writable(&self, at_most: Duration) -> bool {
        ready(&self.stream, PollFlags::OUT, at_most).is_some()
    }

    /// A red verdict on what this client just saw.
    pub(crate) fn red<T>(&self, saw: impl Into<String>) -> Checked<T> {
        Err(self.program.red(saw).suggest(
            "every byte that a client sends comes back, in order",
            "",
            "what happens to a byte between the read and the write",
        ))
    }

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

pub(crate) fn ends(local: SocketAddr, remote: SocketAddr) -> io::Result<Ends> {
    let mine = tcp::connection(local, remote)?;
    let programs = tcp::connection(remote, local)?;
    Ok(Ends { mine, programs })
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
