//! What a look at the driver's note brings, and the line in which it is told.

use std::fmt;

use tokio::io::Ready;

/// When the look was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// The connection stands, and nothing has been sent.
    Connected,
    /// Bytes have come, and nobody has read them yet.
    Data,
    /// The other end has said that it sends no more.
    Goodbye,
    /// This end has said so too.
    Shutdown,
    /// The connection was reset.
    Reset,
}

/// A look, as it is printed: `data: readable: true, writable: true`, and after it those of
/// `read-closed`, `write-closed` and `error` that are set.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) moment: Moment,
    /// What the driver's note said then, as far as it was asked about.
    pub(crate) ready: Ready,
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { moment, ready } = self;
        let (readable, writable) = (ready.is_readable(), ready.is_writable());
        write!(f, "{moment}: readable: {readable}, writable: {writable}")?;
        let further = [
            (ready.is_read_closed(), "read-closed"),
            (ready.is_write_closed(), "write-closed"),
            (ready.is_error(), "error"),
        ];
        for (_, word) in further.iter().filter(|(is_set, _)| *is_set) {
            write!(f, ", {word}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "connected",
            Self::Data => "data",
            Self::Goodbye => "goodbye",
            Self::Shutdown => "shutdown",
            Self::Reset => "reset",
        })
    }
}
