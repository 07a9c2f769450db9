//! The side of the bridge that reads.

use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use mio::net::TcpStream;

use crate::bridge::Slot;

/// A socket that can be awaited.
pub struct Reader {
    stream: TcpStream,
    slot: Slot,
}

impl Reader {
    pub(crate) fn new(stream: TcpStream, slot: Slot) -> Self {
        Self { stream, slot }
    }

    /// Reads some bytes into `buffer`.
    pub fn read_some<'a>(&'a mut self, buffer: &'a mut [u8]) -> ReadSome<'a> {
        ReadSome {
            reader: self,
            buffer,
        }
    }
}

/// The future of [`Reader::read_some`].
pub struct ReadSome<'a> {
    reader: &'a mut Reader,
    buffer: &'a mut [u8],
}

impl Future for ReadSome<'_> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match this.reader.stream.read(this.buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                println!("would-block");
                this.reader.slot.replace(Some(cx.waker().clone()));
                println!("register");
                Poll::Pending
            }
            answer => Poll::Ready(answer),
        }
    }
}

impl Drop for ReadSome<'_> {
    /// Whether it has finished or was given up: from here on it waits for nothing.
    fn drop(&mut self) {
        let waker = self.reader.slot.take();
        drop(waker);
    }
}
