//! Backpressure: a client that sends and does not read, until the program's socket refuses to take
//! more.
//!
//! The program holds the bytes that it has read and not written. The kernel counts both, over
//! netlink. Without netlink, the kit takes the bytes that the client has sent, less those that wait
//! in the four queues: the client's and the program's, for each direction.

use std::io;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::kernel::tcp;
use crate::verdict::explain::Explain;
use crate::verdict::stop::{Checked, Stop};
use crate::wait;

/// Bytes offered at once. A fresh receive queue takes so many at once, even if its reader does not
/// read.
const CHUNK: usize = 64 * 1024;
/// After so many bytes a program that never stops reading is red. Kernels were seen to buffer 12.6
/// MB at most for a connection that is not read.
const MOST: u64 = 64 << 20;

/// So many bytes before its socket was full the last time, a program gets its bytes one by one.
const NEAR: u64 = 64;
/// So many bytes one by one are enough: a socket takes a little more of them than of large pieces.
const ONE_BY_ONE: u64 = 6_000;

/// Random bytes without end: one block over and over. So sender and reader need not keep what was
/// sent.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Never empty.
    block: Vec<u8>,
}

impl Stream {
    /// Makes a stream from one random block. Its length should share no divisor with a buffer's, so
    /// that each buffer gets other bytes.
    #[must_use]
    pub fn new(block: Vec<u8>) -> Self {
        Self { block }
    }

    /// Returns the bytes from offset `at` on: at least one and at most `most` of them.
    #[must_use]
    pub fn from(&self, at: u64, most: usize) -> &[u8] {
        let start = (at % self.block.len() as u64) as usize;
        &self.block[start..self.block.len().min(start + most)]
    }
}

/// The state of a connection while its client does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backpressure {
    /// Bytes of the client that wait in no queue of the kernel: the program holds them, or has lost
    /// them.
    pub held: u64,
    /// Bytes that wait in the program's receive queue.
    pub unread: u64,
    /// Bytes that still wait at the client's side.
    pub unsent: u64,
}

impl Client {
    /// Sends from `stream` without reading, until the program holds bytes that its socket has
    /// refused, or leaves bytes unread. Everything that was sent has arrived at its side then, and
    /// the program sleeps.
    ///
    /// # Errors
    /// Red, when the program is gone or never stops reading; could not judge, when the kernel does
    /// not settle.
    pub fn press(&mut self, stream: &Stream) -> Checked<Backpressure> {
        while self.sent() < MOST {
            let chunk = stream.from(self.sent(), CHUNK).to_vec();
            self.send(&chunk)?;
            let backpressure = self.settle()?;
            if backpressure.held > 0 || backpressure.unread > 0 {
                return Ok(backpressure);
            }
        }
        self.red(format!(
            "{} MiB were taken from a client that reads nothing",
            MOST >> 20
        ))
    }

    /// As [`Client::press`], with the last bytes one by one: the program's socket refuses a write
    /// of one byte as a whole, and nothing was pending before it. The socket of an earlier client
    /// of the same kind took `room` bytes. Returns whether that was reached; a kernel that counts
    /// no traffic does not show it.
    ///
    /// # Errors
    /// As [`Client::press`].
    pub(crate) fn press_one_by_one(&mut self, stream: &Stream, room: u64) -> Checked<bool> {
        let near = room.saturating_sub(NEAR);
        while self.sent() < near {
            let most = CHUNK.min((near - self.sent()) as usize);
            let chunk = stream.from(self.sent(), most).to_vec();
            self.send(&chunk)?;
            if self.settle()?.held > 0 {
                return Ok(false);
            }
        }
        for _ in 0..ONE_BY_ONE {
            let byte = stream.from(self.sent(), 1).to_vec();
            self.send(&byte)?;
            let backpressure = self.settle()?;
            if backpressure.held > 0 || backpressure.unread > 0 {
                return Ok(backpressure.held == 1);
            }
        }
        Ok(false)
    }

    /// How many bytes the program has written to this client so far; `None` where the kernel does
    /// not count them.
    pub(crate) fn written_to_it(&self) -> Option<u64> {
        let traffic = tcp::traffic(self.remote(), self.address());
        Some(traffic.ok()??.written)
    }

    /// Offers up to `most` bytes from `stream` without reading, until the kernel takes no more and
    /// the program sleeps.
    ///
    /// # Errors
    /// Red, when the program is gone; could not judge, when the kernel does not settle.
    pub fn flood(&mut self, stream: &Stream, most: u64) -> Checked {
        let mut refused_since: Option<Instant> = None;
        while self.sent() < most {
            match self.offer(stream.from(self.sent(), CHUNK)) {
                Ok(0) => {
                    let since = *refused_since.get_or_insert_with(Instant::now);
                    let quiet = since.elapsed() > Duration::from_millis(300)
                        && self.program().asleep().is_some();
                    if quiet {
                        return Ok(());
                    }
                    if since.elapsed() > wait::PATIENCE {
                        return self.restless("it neither reads from the client nor sleeps");
                    }
                    self.wait_writable(Duration::from_millis(20));
                }
                Ok(_) => refused_since = None,
                Err(error) => {
                    return self.broken(&error);
                }
            }
        }
        Ok(())
    }

    /// Sends `more` bytes from `stream` while it reads, until everything that it ever sent has come
    /// back.
    ///
    /// # Errors
    /// Red, when anything else comes back, or nothing more.
    pub fn drain(&mut self, stream: &Stream, more: u64) -> Checked {
        let all = self.sent() + more;
        while self.received() < all {
            let most = CHUNK.min((all - self.sent()) as usize);
            if let Err(error) = self.offer(stream.from(self.sent(), most)) {
                return self.broken(&error);
            }
            let under_way = CHUNK.min((self.sent() - self.received()) as usize);
            let incoming = stream.from(self.received(), under_way).to_vec();
            self.expect_next(&incoming)?;
        }
        Ok(())
    }

    /// Waits until everything that was sent has arrived and the program sleeps; returns the state
    /// of the connection.
    pub(crate) fn settle(&self) -> Checked<Backpressure> {
        let program = self.program().clone();
        let settled = program.owes(|| {
            let asleep = program.asleep()?;
            let backpressure = self.backpressure().ok()??;
            (backpressure.unsent == 0 && program.asleep() == Some(asleep)).then_some(backpressure)
        });
        match settled {
            Some(backpressure) => Ok(backpressure),
            None if program.ended().is_some() => self.red("the client's connection is gone"),
            None => match self.backpressure()? {
                Some(p) if p.unsent > 0 && program.asleep().is_some() => Ok(p),
                Some(_) if program.asleep().is_none() => {
                    self.restless("it does not come to rest while a client does not read")
                }
                Some(p) => Err(Stop::CouldNotJudge(format!(
                    "{} bytes did not arrive at the program",
                    p.unsent
                ))),
                None => self.red("the client's connection is gone"),
            },
        }
    }

    /// A red verdict on a program that is busy although it can do nothing for this client.
    fn restless<T>(&self, saw: &str) -> Checked<T> {
        self.red(saw).suggest(
            "while a client does not read, the program sleeps until there is room for its bytes again",
            "whoever tries the full socket again and again burns a core, and so does whoever asks to be told of \
             bytes that he will not take now, and is told of them again and again",
            "what the program does, and what it asks to be told of, while bytes for a client are pending",
        )
    }

    /// The state of the connection now; `None` when one end is gone.
    fn backpressure(&self) -> io::Result<Option<Backpressure>> {
        let ends = self.ends()?;
        let Some((mine, programs)) = ends.mine.zip(ends.programs) else {
            return Ok(None);
        };
        let held = match tcp::traffic(self.remote(), self.address()) {
            Ok(Some(traffic)) => traffic.read.saturating_sub(traffic.written),
            // A byte that has arrived and is not acknowledged yet is in two queues for a moment:
            // this may be too little, never too much.
            _ => {
                let to_program = mine.send_queue + programs.receive_queue;
                let to_client = programs.send_queue + mine.receive_queue;
                self.sent()
                    .saturating_sub(to_program + to_client + self.received())
            }
        };
        Ok(Some(Backpressure {
            held,
            unread: programs.receive_queue,
            unsent: mine.send_queue,
        }))
    }
}
