//! The reader, and the future of one read.

use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use mio::net::TcpStream;

use crate::log::{Step, log};
use crate::slot::Slot;

/// A socket that can be awaited.
pub struct Reader {
    /// Never blocks; registered for reading.
    stream: TcpStream,
    /// Shared with the bridge.
    slot: Rc<Slot>,
}

impl Reader {
    /// Puts a registered socket and the slot of its events together.
    pub(crate) fn new(stream: TcpStream, slot: Rc<Slot>) -> Self {
        Self { stream, slot }
    }

    /// Reads some bytes into `buffer` when there are some; 0 bytes are the client's goodbye.
    pub fn read_some<'a>(&'a mut self, buffer: &'a mut [u8]) -> ReadSome<'a> {
        ReadSome {
            reader: self,
            buffer,
        }
    }
}

/// The future of [`Reader::read_some`]: how many bytes were read.
pub struct ReadSome<'a> {
    reader: &'a mut Reader,
    buffer: &'a mut [u8],
}

impl Future for ReadSome<'_> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Say both when they happen: log(Step::WouldBlock), log(Step::Register).
        todo!("be ready with what there is to read, or pending with somebody who will be told")
    }
}
