//! Messages in a stream of bytes, also where reads are dropped half-way.

use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use net::Frames;
use net::futures_by_hand::block_on;
use net::tokio::io::{AsyncRead, ReadBuf};

/// A stream that gives one byte at a time, and is pending before each.
struct Drips {
    bytes: Vec<u8>,
    is_pending: bool,
}

impl AsyncRead for Drips {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.is_pending = !self.is_pending;
        if self.is_pending {
            return Poll::Pending;
        }
        if !self.bytes.is_empty() {
            buffer.put_slice(&[self.bytes.remove(0)]);
        }
        Poll::Ready(Ok(()))
    }
}

fn framed(messages: &[&[u8]]) -> Vec<u8> {
    let framed = messages.iter().map(|message| {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&length, *message].concat()
    });
    framed.collect::<Vec<_>>().concat()
}

#[test]
fn messages_are_taken_out_one_by_one() {
    let bytes = framed(&[b"one", b"", b"three"]);
    let mut frames = Frames::new(&bytes[..], 5);
    block_on(async {
        for message in [b"one".as_slice(), b"", b"three"] {
            assert_eq!(frames.next().await.unwrap().unwrap(), message);
        }
        assert!(frames.next().await.unwrap().is_none());
    });
}

#[test]
fn a_message_whose_read_was_dropped_half_way_is_not_lost() {
    let bytes = framed(&[b"first", b"second"]);
    let mut frames = Frames::new(
        Drips {
            bytes,
            is_pending: false,
        },
        100,
    );
    let mut messages = Vec::new();
    let mut drops = 0;
    while messages.len() < 2 {
        // Polled once, and dropped: at every byte in turn.
        let next = pin!(frames.next());
        match next.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(message) => messages.push(message.unwrap().unwrap()),
            Poll::Pending => drops += 1,
        }
    }
    assert_eq!(messages, [b"first".as_slice(), b"second"]);
    assert!(drops >= 19, "{drops}");
}

#[test]
fn an_end_in_the_middle_is_an_error() {
    let bytes = framed(&[b"whole", b"cut off"]);
    for cut in 10..bytes.len() {
        let mut frames = Frames::new(&bytes[..cut], 100);
        block_on(async {
            assert!(frames.next().await.unwrap().is_some() || cut < 9);
            let error = frames.next().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        });
    }
}

#[test]
fn a_huge_length_is_refused_before_it_is_reserved() {
    let mut frames = Frames::new(&[0xff; 4][..], 1 << 20);
    let error = block_on(frames.next()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let mut exact = Frames::new(&[0, 0, 0, 5][..], 5);
    let error = block_on(exact.next()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}
