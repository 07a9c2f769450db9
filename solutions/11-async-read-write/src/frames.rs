//! Messages in a stream of bytes: each after its length, four bytes, the highest first.
//!
//! Invariant: what was read and is no whole message yet is kept here, and never in the future that
//! reads. So that future may be dropped at any moment, and the next one goes on where it was.

use std::io::{self, ErrorKind};

use tokio::io::{AsyncRead, AsyncReadExt};

/// Takes messages out of a stream.
#[derive(Debug)]
pub struct Frames<R> {
    inner: R,
    /// In bytes. A length that is greater is an error.
    longest: usize,
    /// The bytes that were read and not handed out. They begin with a length.
    read: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The messages of a stream, none of which has more than `longest` bytes.
    pub fn new(inner: R, longest: usize) -> Self {
        Self {
            inner,
            longest,
            read: Vec::new(),
        }
    }

    /// The next message; `None` at the end. If this is dropped before, nothing is lost.
    ///
    /// # Errors
    /// `InvalidData` when a message says that it is too long, `UnexpectedEof` when the stream ends
    /// within one; otherwise what reading returns.
    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(message) = self.take()? {
                return Ok(Some(message));
            }
            if self.inner.read_buf(&mut self.read).await? > 0 {
                continue;
            }
            return match self.read.is_empty() {
                true => Ok(None),
                false => Err(ErrorKind::UnexpectedEof.into()),
            };
        }
    }

    /// Takes a message out of what was read, if a whole one is there; if not, makes room for it.
    fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some((length, rest)) = self.read.split_first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        // Before anything is reserved: four bytes cost their sender nothing.
        if length > self.longest {
            let words = format!("a message of {length} bytes is too long");
            return Err(io::Error::new(ErrorKind::InvalidData, words));
        }
        let Some(message) = rest.get(..length) else {
            let missing = length - rest.len();
            self.read.reserve(missing);
            return Ok(None);
        };
        let message = message.to_vec();
        self.read.drain(..size_of::<u32>() + length);
        Ok(Some(message))
    }
}
