//! An exchange: a client sends bytes, and exactly the expected ones have to come back.

use std::io;

use rustix::event::PollFlags;

use crate::client::ends::ends;
use crate::client::{Arrival, Client, SLICE, ready};
use crate::verdict::Cause;
use crate::verdict::explain::Explain;
use crate::verdict::stop::Checked;

/// How an exchange goes wrong; `got` is the number of right bytes that came back before.
enum Mismatch {
    /// At offset `at` the bytes `came` came instead of `due`.
    Wrong { at: usize, came: Vec<u8>, due: u8 },
    /// The program said goodbye.
    Closed { got: usize },
    /// The connection broke.
    Lost { got: usize, error: io::Error },
    /// Nothing more came.
    Silence { got: usize },
}

impl Mismatch {
    /// Says what was seen, where `of` bytes are due in all and the first `before` of them had come
    /// before this exchange.
    fn tell(&self, before: u64, of: u64) -> String {
        let place = |got: &usize| before + *got as u64;
        match self {
            Self::Wrong { at, came, due } => {
                let (at, is) = (place(at), came.first().copied().unwrap_or_default());
                format!("byte {at} of {of} came as {is:#04x}; {due:#04x} was expected")
            }
            Self::Closed { got } => {
                let got = place(got);
                format!("the connection was closed after {got} of {of} bytes had come back")
            }
            Self::Lost { got, error } => {
                let got = place(got);
                format!("the connection broke after {got} of {of} bytes had come back: {error}")
            }
            Self::Silence { got } => {
                let got = place(got);
                format!("{got} of {of} bytes came back, then nothing more")
            }
        }
    }
}

/// Compares the bytes that came with those that were due; `at` is the offset of the first.
fn compare(came: &[u8], due: &[u8], at: usize) -> Result<(), Mismatch> {
    match came.iter().zip(due).position(|(is, was)| is != was) {
        Some(i) => Err(Mismatch::Wrong {
            at: at + i,
            came: came[i..].to_vec(),
            due: due[i],
        }),
        None => Ok(()),
    }
}

impl Client {
    /// Sends everything and reads meanwhile, until exactly these bytes have come back.
    ///
    /// # Errors
    /// Red, when other bytes come back, when the connection ends, or when nothing more comes within
    /// [`wait::PATIENCE`](crate::wait::PATIENCE).
    pub fn echo(&mut self, bytes: &[u8]) -> Checked {
        self.exchange(bytes, bytes)
    }

    /// Reads until exactly these bytes, sent before, have come back.
    ///
    /// # Errors
    /// As [`Client::echo`].
    pub fn expect(&mut self, bytes: &[u8]) -> Checked {
        self.exchange(&[], bytes)
    }

    /// As [`Client::echo`], but the program may end the connection instead.
    ///
    /// # Errors
    /// As [`Client::echo`], except for a connection that ends.
    pub fn echo_or_end(&mut self, bytes: &[u8]) -> Checked {
        match self.converse(bytes, bytes) {
            Ok(()) | Err(Mismatch::Closed { .. } | Mismatch::Lost { .. }) => Ok(()),
            Err(mismatch) => self.wronged(&mismatch, 0, bytes.len() as u64),
        }
    }

    /// Sends `outgoing` and reads meanwhile, until exactly `incoming` has come back.
    ///
    /// # Errors
    /// As [`Client::echo`].
    pub fn exchange(&mut self, outgoing: &[u8], incoming: &[u8]) -> Checked {
        self.converse(outgoing, incoming)
            .or_else(|mismatch| self.wronged(&mismatch, 0, incoming.len() as u64))
    }

    /// Reads until exactly `incoming` has come, the next part of everything this client has ever
    /// sent.
    pub(crate) fn expect_next(&mut self, incoming: &[u8]) -> Checked {
        let before = self.received;
        self.converse(&[], incoming)
            .or_else(|mismatch| self.wronged(&mismatch, before, self.sent))
    }

    /// A red verdict on an exchange that went wrong.
    fn wronged(&self, mismatch: &Mismatch, before: u64, of: u64) -> Checked {
        let mut saw = mismatch.tell(before, of);
        let cause = match mismatch {
            Mismatch::Closed { .. } | Mismatch::Lost { .. } => Some(Cause::HungUp),
            Mismatch::Silence { .. } if self.is_unheard() => Some(Cause::Unheard),
            Mismatch::Silence { .. } if self.program.waits_in_a_lock() => Some(Cause::Locked),
            Mismatch::Silence { .. } => None,
            Mismatch::Wrong { .. } => Some(Cause::WrongBytes),
        };
        if let Mismatch::Wrong { came, .. } = mismatch {
            // So many had come before the first wrong one, the wrong ones among them.
            let due = self.received - came.len() as u64;
            let origin = self.program.sent().origin(came, self.local, due);
            saw.extend(origin.iter().map(|origin| format!("; {}", origin.tell())));
        }
        let wronged = self.red(saw).map_err(|stop| stop.caused(cause));
        if cause != Some(Cause::WrongBytes) {
            return wronged;
        }
        wronged.suggest(
            "every byte that a client sends comes back, in order",
            "each client's bytes wait in a queue of its own, in the order in which they were sent. What comes back in another \
             order, twice, to somebody else or not at all has gone another way between the read and the write",
            "what happens to a byte between the read and the write",
        )
    }

    /// Whether bytes of this client lie unread in the kernel while every thread of the program
    /// sleeps.
    fn is_unheard(&self) -> bool {
        let ends = ends(self.local, self.remote).ok();
        let programs = ends.and_then(|ends| ends.programs);
        programs.is_some_and(|end| end.receive_queue > 0) && self.program.asleep().is_some()
    }

    fn converse(&mut self, outgoing: &[u8], incoming: &[u8]) -> Result<(), Mismatch> {
        let (mut sent, mut got) = (0, 0);
        let mut buffer = vec![0; incoming.len().min(64 * 1024)];
        while got < incoming.len() {
            let flags = if sent < outgoing.len() {
                PollFlags::IN | PollFlags::OUT
            } else {
                PollFlags::IN
            };
            let room = buffer.len().min(incoming.len() - got);
            let progress = self.program.clone().owes(|| {
                ready(&self.stream, flags, SLICE)?;
                // When the connection is gone, the read says so too, and tells more.
                let offered = self.offer(&outgoing[sent..]).unwrap_or(0);
                sent += offered;
                match self.take(&mut buffer[..room]) {
                    Arrival::Nothing if offered == 0 => None,
                    arrival => Some(arrival),
                }
            });
            match progress {
                Some(Arrival::Bytes(n)) => {
                    compare(&buffer[..n], &incoming[got..got + n], got)?;
                    got += n;
                }
                Some(Arrival::Nothing) => {}
                Some(Arrival::Goodbye) => return Err(Mismatch::Closed { got }),
                Some(Arrival::Lost(error)) => return Err(Mismatch::Lost { got, error }),
                None => return Err(Mismatch::Silence { got }),
            }
        }
        Ok(())
    }
}
