//! Goodbyes: how a client leaves, and how the program's goodbye is waited for.
//!
//! Invariant: when a client has left, the kernel shows it at the program's end.

use std::io;
use std::net::Shutdown;
use std::time::Duration;

use rustix::event::PollFlags;
use rustix::net::sockopt::set_socket_linger;

use crate::client::ends::{Ends, ends};
use crate::client::{Arrival, Client, SLICE, ready};
use crate::kernel::tcp::State;
use crate::reach;
use crate::verdict::stop::Checked;

impl Client {
    /// Waits until the kernel shows that this client's goodbye (FIN) has arrived: the program's end
    /// is in CLOSE_WAIT, or beyond it when the program has closed its own side by now.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not show that.
    pub fn reach_goodbye(&self) -> Checked {
        self.reach("the client's goodbye at the program's end", goodbye_arrived)
    }

    /// Says goodbye (FIN): the client sends no more, and still reads. When the program has broken
    /// the connection off by then, this is no error, and the next read tells.
    ///
    /// # Errors
    /// Could not judge, when the kernel refuses.
    pub fn finish_sending(&self) -> Checked {
        match self.stream.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            done => Ok(done?),
        }
    }

    /// Sends its last bytes and the goodbye behind them while the program is stopped: both reach it
    /// in one moment.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not show that.
    pub fn finish_in_one_moment(&mut self, bytes: &[u8]) -> Checked {
        let program = self.program().clone();
        program.suspend()?;
        self.send(bytes)?;
        self.reach_unread(bytes.len() as u64)?;
        self.finish_sending()?;
        self.reach_goodbye()?;
        program.resume()
    }

    /// Waits for the program's goodbye (FIN), with no byte before it.
    ///
    /// # Errors
    /// Red, when bytes come, when the connection breaks, or when nothing comes.
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

    /// Leaves by a reset (RST), as a client does that crashes or closes with bytes unread, and
    /// waits until the kernel shows that the reset has arrived.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not show that.
    pub fn reset(self) -> Checked {
        set_socket_linger(&self.stream, Some(Duration::ZERO))?;
        let (local, remote) = (self.local, self.remote);
        drop(self);
        reach("the reset connection gone", || {
            ends(local, remote).is_ok_and(|ends| ends.programs.is_none())
        })
    }

    /// Leaves by a reset, and waits for nothing.
    ///
    /// # Errors
    /// Could not judge, when the kernel refuses.
    pub(crate) fn breaks_off(self) -> Checked {
        Ok(set_socket_linger(&self.stream, Some(Duration::ZERO))?)
    }

    /// Leaves as a client should, with everything read, and waits until the kernel shows that its
    /// goodbye (FIN) has arrived.
    ///
    /// # Errors
    /// Could not judge, when the kernel does not show that.
    pub fn leave(self) -> Checked {
        let (local, remote) = (self.local, self.remote);
        drop(self);
        reach("the goodbye of a client that left", || {
            ends(local, remote).is_ok_and(goodbye_arrived)
        })
    }
}

/// Whether the program's end has got a FIN: it is in CLOSE_WAIT, beyond it, or gone.
fn goodbye_arrived(ends: Ends) -> bool {
    let programs = ends.programs;
    programs.is_none_or(|end| end.state != State::Established)
}
