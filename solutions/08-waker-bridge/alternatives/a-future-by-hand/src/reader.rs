//! The side of the bridge that reads.

use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll};

use mio::net::TcpStream;

use crate::waiter::Slot;

/// The most that one read takes, so that a poll needs several.
const MOUTHFUL: usize = 64;

/// A socket that can be awaited.
pub struct Reader {
    stream: TcpStream,
    slot: Slot,
}

impl Reader {
    pub(crate) fn new(stream: TcpStream, slot: Slot) -> Self {
        Self { stream, slot }
    }

    /// Reads what there is into `buffer`.
    pub fn read_some<'a>(&'a mut self, buffer: &'a mut [u8]) -> ReadSome<'a> {
        let Self { stream, slot } = self;
        ReadSome {
            stream,
            slot,
            buffer,
        }
    }
}

/// The future of [`Reader::read_some`].
pub struct ReadSome<'a> {
    stream: &'a mut TcpStream,
    slot: &'a Slot,
    buffer: &'a mut [u8],
}

impl Future for ReadSome<'_> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        *this.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        println!("register");
        let mut filled = 0;
        while filled < this.buffer.len() {
            let end = this.buffer.len().min(filled + MOUTHFUL);
            match this.stream.read(&mut this.buffer[filled..end]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    println!("would-block");
                    if filled == 0 {
                        return Poll::Pending;
                    }
                    break;
                }
                // What was read before it is returned first; the error will be
                // there for the next poll.
                Err(_) if filled > 0 => break,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(filled))
    }
}
