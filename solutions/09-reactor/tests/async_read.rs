//! A later user of this floor, tried out: tokio's `AsyncRead` and `AsyncWrite`, with the rule for
//! short reads, and tokio's own code that copies between them.

use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread;

use mio::Interest;
use mio::net::TcpStream;
use reactor::futures_by_hand::block_on;
use reactor::{Background, Direction, Reactor, Registration};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, copy};

/// A socket. Clones are the same socket, for one task to read and another to write.
#[derive(Clone)]
struct Stream(Arc<Registration<TcpStream>>);

impl Stream {
    fn new(stream: net::TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        let registration = Registration::new(TcpStream::from_std(stream), both)?;
        Ok(Self(Arc::new(registration)))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let tick = ready!(self.0.poll_ready(cx, Direction::Read))?;
            let room = buffer.initialize_unfilled();
            match self.0.get_ref().read(room) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.0.clear(tick),
                Err(error) => return Poll::Ready(Err(error)),
                Ok(n) => {
                    // A short read has emptied the socket: the next one would be
                    // refused, and need not be tried.
                    if 0 < n && n < room.len() {
                        self.0.clear(tick);
                    }
                    buffer.advance(n);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0
            .poll_io(cx, Direction::Write, |mut stream| stream.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.get_ref().shutdown(net::Shutdown::Write))
    }
}

fn lay() -> (Background, Stream, net::TcpStream) {
    let background = Reactor::new().unwrap().background().unwrap();
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let _entered = background.handle().enter();
    let stream = Stream::new(listener.accept().unwrap().0).unwrap();
    (background, stream, peer)
}

#[test]
fn eight_mebibytes_are_copied_there_and_back() {
    let (_background, stream, peer) = lay();
    let sent: Vec<u8> = (0..8 << 20).map(|i: u32| (i % 251) as u8).collect();
    let (mut speaker, mut hearer) = (peer.try_clone().unwrap(), peer);
    let expected = sent.clone();
    let speaking = thread::spawn(move || {
        speaker.write_all(&sent).unwrap();
        speaker.shutdown(net::Shutdown::Write).unwrap();
    });
    let hearing = thread::spawn(move || {
        let mut heard = Vec::new();
        hearer.read_to_end(&mut heard).unwrap();
        heard
    });
    let (mut reader, mut writer) = (stream.clone(), stream);
    let copied = block_on(async {
        let copied = copy(&mut reader, &mut writer).await?;
        writer.shutdown().await?;
        io::Result::Ok(copied)
    });
    assert_eq!(copied.unwrap(), 8 << 20);
    speaking.join().unwrap();
    assert!(hearing.join().unwrap() == expected);
}

#[test]
fn a_short_read_before_the_goodbye_does_not_lose_the_goodbye() {
    for _ in 0..200 {
        let (_background, mut stream, mut peer) = lay();
        // Both are there before the first poll, and most of the time both are one event.
        peer.write_all(b"last words").unwrap();
        drop(peer);
        let mut heard = Vec::new();
        block_on(stream.read_to_end(&mut heard)).unwrap();
        assert_eq!(heard, b"last words");
    }
}

#[test]
fn one_task_reads_and_another_writes() {
    let (_background, stream, mut peer) = lay();
    let mut reader = stream.clone();
    let reading = thread::spawn(move || {
        let mut heard = [0; 4];
        block_on(reader.read_exact(&mut heard)).unwrap();
        heard
    });
    let mut writer = stream;
    block_on(writer.write_all(b"hello")).unwrap();
    let mut heard = [0; 5];
    peer.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"hello");
    peer.write_all(b"over").unwrap();
    assert_eq!(&reading.join().unwrap(), b"over");
}
