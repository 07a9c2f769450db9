//! Backpressure: a client that sends and does not read, until the program's socket refuses to take more.
//!
//! What the program holds itself is what it has read less what it has written. The kernel counts both. Where it does
//! not tell, it is what was sent less what waits in the four queues: the client's and the program's, for each direction.

use std::io;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::kernel::tcp;
use crate::verdict::explain::Explain;
use crate::verdict::stop::{Checked, Stop};
use crate::wait;

/// Bytes offered at once. A fresh receive queue takes so many in one go, whatever its reader does.
const CHUNK: usize = 64 * 1024;
/// More than kernels were ever seen to buffer for one connection that nobody reads (12.6 MB).
const MOST: u64 = 64 << 20;

/// Random bytes without end: a block of odd length over and over, so that sender and reader need not keep them.
#[derive(Clone, Debug)]
pub struct Stream {
    block: Vec<u8>,
}

impl Stream {
    /// Makes a stream from one random block, of a length that no buffer size divides.
    #[must_use]
    pub fn new(block: Vec<u8>) -> Self {
        Self { block }
    }

    /// Some bytes from `at` on, at most `most`, at least one.
    #[must_use]
    pub fn from(&self, at: u64, most: usize) -> &[u8] {
        let start = (at % self.block.len() as u64) as usize;
        &self.block[start..self.block.len().min(start + most)]
    }
}

/// How a connection stands while its client does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backpressure {
    /// Bytes of the client's that have left it and stand in no queue: in the program's own hands, or lost there.
    pub held: u64,
    /// Bytes that wait in the program's receive queue.
    pub unread: u64,
    /// Bytes that have not left the client's side.
    pub unsent: u64,
}

impl Client {
    /// Sends from `stream` without reading until the program holds bytes that its socket refused, everything sent has
    /// reached the program's side, and the program sleeps.
    ///
    /// # Errors
    /// Red, when the program is gone or never stops reading; could not judge, when the kernel does not settle.
    pub fn press(&mut self, stream: &Stream) -> Checked<Backpressure> {
        while self.sent() < MOST {
            let chunk = stream.from(self.sent(), CHUNK).to_vec();
            self.send(&chunk)?;
            let pressure = self.settle()?;
            if pressure.held > 0 || pressure.unread > 0 {
                return Ok(pressure);
            }
        }
        self.red(format!(
            "{} MiB were taken from a client that reads nothing",
            MOST >> 20
        ))
    }

    /// Offers up to `most` bytes from `stream` without reading, until the kernel takes no more and the program sleeps.
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

    /// Sends `more` bytes from `stream` while it reads, until everything it ever sent has come back.
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

    /// Waits until everything sent has arrived and the program sleeps, and tells how the connection stands.
    pub(crate) fn settle(&self) -> Checked<Backpressure> {
        let program = self.program().clone();
        let settled = program.owes(|| {
            let asleep = program.asleep()?;
            let pressure = self.pressure().ok()??;
            (pressure.unsent == 0 && program.asleep() == Some(asleep)).then_some(pressure)
        });
        match settled {
            Some(pressure) => Ok(pressure),
            None if program.ended().is_some() => self.red("the client's connection is gone"),
            None => match self.pressure()? {
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

    /// How the connection stands now; `None` when one end is gone.
    fn pressure(&self) -> io::Result<Option<Backpressure>> {
        let ends = self.ends()?;
        let Some((mine, programs)) = ends.mine.zip(ends.programs) else {
            return Ok(None);
        };
        let held = match tcp::traffic(self.remote(), self.address()) {
            Ok(Some(traffic)) => traffic.read.saturating_sub(traffic.written),
            // A byte that has arrived and is not acknowledged yet stands in two queues for a moment.
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
