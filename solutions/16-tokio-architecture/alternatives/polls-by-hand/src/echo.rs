//! One client, as a future that is written by hand: it reads when nothing is left to be written.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::net::TcpStream;

/// Echoes to a client until it says goodbye.
pub(crate) struct Echo {
    client: TcpStream,
    buffer: Vec<u8>,
    /// What has been read and not yet written: this part of `buffer`.
    begin: usize,
    end: usize,
}

impl Echo {
    /// Nothing has been read yet.
    pub(crate) fn of(client: TcpStream) -> Self {
        Self {
            client,
            buffer: vec![0; 2048],
            begin: 0,
            end: 0,
        }
    }

    /// One step: a write if there is something to write, otherwise a read; false after the goodbye.
    fn step(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let done = if self.begin < self.end {
            ready!(self.client.poll_write_ready(cx))?;
            let rest = &self.buffer[self.begin..self.end];
            self.client.try_write(rest).map(|n| {
                self.begin += n;
                true
            })
        } else {
            ready!(self.client.poll_read_ready(cx))?;
            self.client.try_read(&mut self.buffer).map(|n| {
                (self.begin, self.end) = (0, n);
                n > 0
            })
        };
        match done {
            // The note was wrong, and is right now: the next step waits.
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Ready(Ok(true)),
            done => Poll::Ready(done),
        }
    }
}

impl Future for Echo {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Others get their turn after some steps.
        for _ in 0..64 {
            if !ready!(self.step(cx))? {
                return Poll::Ready(Ok(()));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
