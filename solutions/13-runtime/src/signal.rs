//! A signal that can be awaited: its handler writes a byte into a socket, which the reactor knows.

use std::future::poll_fn;
use std::io;
use std::os::unix::net::UnixStream;

use mio::{Interest, net};
use runtime::reactor::{Direction, Registration};
use signal_hook::consts::SIGTERM;
use signal_hook::low_level::pipe;

/// A signal that this process may get.
pub(crate) struct Signal {
    /// Readable once the signal has come; nobody reads it.
    written: Registration<net::UnixStream>,
}

impl Signal {
    /// SIGTERM, the request to end.
    ///
    /// # Errors
    /// When no handler can be installed, or no descriptor is left.
    pub(crate) fn terminate() -> io::Result<Self> {
        let (written, handler) = UnixStream::pair()?;
        written.set_nonblocking(true)?;
        pipe::register(SIGTERM, handler)?;
        let written = net::UnixStream::from_std(written);
        Ok(Self {
            written: Registration::new(written, Interest::READABLE)?,
        })
    }

    /// Waits until the signal comes, or has come before.
    pub(crate) async fn comes(&self) -> io::Result<()> {
        poll_fn(|cx| self.written.poll_ready(cx, Direction::Read)).await?;
        Ok(())
    }
}
