//! A connection: what is awaited, what is tried, and what tokio's own code makes of it.

#[path = "support/pair.rs"]
mod pair;

use std::io::{ErrorKind, Read, Write};
use std::net::{self as std_net, Shutdown};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use net::TcpStream;
use net::futures_by_hand::block_on;
use net::reactor::{Reactor, Tick};
use net::tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy};
use pair::Pair;

/// Asks once whether it is readable.
fn poll_readable(stream: &TcpStream) -> Poll<Tick> {
    let readable = pin!(stream.readable());
    let polled = readable.poll(&mut Context::from_waker(Waker::noop()));
    polled.map(Result::unwrap)
}

#[test]
fn eight_mebibytes_are_copied_there_and_back() {
    let Pair {
        background: _background,
        stream,
        mut peer,
    } = Pair::new();
    let sent: Vec<u8> = (0..8 << 20).map(|i: u32| (i % 251) as u8).collect();
    let (expected, mut speaker) = (sent.clone(), peer.try_clone().unwrap());
    let speaking = thread::spawn(move || {
        speaker.write_all(&sent).unwrap();
        speaker.shutdown(Shutdown::Write).unwrap();
    });
    let hearing = thread::spawn(move || {
        let mut heard = Vec::new();
        peer.read_to_end(&mut heard).unwrap();
        heard
    });
    let copied = block_on(async {
        let (mut reader, mut writer) = (&stream, &stream);
        let copied = copy(&mut reader, &mut writer).await.unwrap();
        writer.shutdown().await.unwrap();
        copied
    });
    assert_eq!(copied, 8 << 20);
    speaking.join().unwrap();
    assert!(hearing.join().unwrap() == expected);
}

#[test]
fn lines_are_read_by_tokios_buffered_reader() {
    let mut pair = Pair::new();
    pair.peer.write_all(b"one\ntwo\nthr").unwrap();
    pair.peer.write_all(b"ee").unwrap();
    pair.peer.shutdown(Shutdown::Write).unwrap();
    let mut lines = BufReader::new(pair.stream).lines();
    block_on(async {
        for line in ["one", "two", "three"] {
            assert_eq!(lines.next_line().await.unwrap().as_deref(), Some(line));
        }
        assert_eq!(lines.next_line().await.unwrap(), None);
    });
}

#[test]
fn one_task_reads_while_another_waits_to_write() {
    let Pair {
        background: _background,
        stream,
        mut peer,
    } = Pair::new();
    let long = vec![7; 16 << 20];
    thread::scope(|scope| {
        // Too much for the socket: it waits until the other end reads.
        let writes = scope.spawn(|| block_on((&stream).write_all(&long)));
        let reads = scope.spawn(|| {
            let mut heard = [0; 5];
            block_on((&stream).read_exact(&mut heard)).unwrap();
            heard
        });
        peer.write_all(b"hello").unwrap();
        assert_eq!(&reads.join().unwrap(), b"hello");
        let mut heard = vec![0; long.len()];
        peer.read_exact(&mut heard).unwrap();
        assert!(heard == long);
        writes.join().unwrap().unwrap();
    });
}

#[test]
fn a_short_read_waits_for_an_event_and_a_full_one_tries_again() {
    let mut pair = Pair::new();
    pair.peer.write_all(b"twelve bytes").unwrap();
    let mut buffer = [0; 8];
    let tick = block_on(pair.stream.readable()).unwrap();
    assert_eq!(pair.stream.try_read(tick, &mut buffer).unwrap(), 8);
    assert!(poll_readable(&pair.stream).is_ready(), "there may be more");
    let tick = block_on(pair.stream.readable()).unwrap();
    assert_eq!(pair.stream.try_read(tick, &mut buffer).unwrap(), 4);
    assert!(poll_readable(&pair.stream).is_pending(), "there is none");
    pair.peer.write_all(b"more").unwrap();
    block_on(pair.stream.readable()).unwrap();
}

#[test]
fn a_refused_read_takes_back_that_it_was_worth_a_try() {
    let mut pair = Pair::new();
    pair.peer.write_all(b"8 bytes.").unwrap();
    let mut buffer = [0; 8];
    let tick = block_on(pair.stream.readable()).unwrap();
    assert_eq!(pair.stream.try_read(tick, &mut buffer).unwrap(), 8);
    let tick = block_on(pair.stream.readable()).unwrap();
    let refused = pair.stream.try_read(tick, &mut buffer).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    assert!(poll_readable(&pair.stream).is_pending());
}

#[test]
fn a_full_socket_is_waited_for() {
    let mut pair = Pair::new();
    let mut written = 0;
    loop {
        match pair.stream.try_write(&[1; 64 * 1024]) {
            Ok(bytes) => written += bytes,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                break;
            }
        }
    }
    let writing = thread::spawn(move || block_on(pair.stream.write_all(&[2; 1000])));
    let mut heard = vec![0; written + 1000];
    pair.peer.read_exact(&mut heard).unwrap();
    writing.join().unwrap().unwrap();
    assert!(heard[written..].iter().all(|byte| *byte == 2));
}

#[test]
fn last_words_and_goodbye_in_one_event_are_both_heard() {
    for _ in 0..100 {
        let mut pair = Pair::new();
        pair.peer.write_all(b"last words").unwrap();
        drop(pair.peer);
        let mut heard = Vec::new();
        block_on(pair.stream.read_to_end(&mut heard)).unwrap();
        assert_eq!(heard, b"last words");
        // It stays so, however often it is asked.
        assert_eq!(block_on(pair.stream.read(&mut [0; 8])).unwrap(), 0);
    }
}

#[test]
fn a_shutdown_says_goodbye_and_goes_on_reading() {
    let mut pair = Pair::new();
    block_on(pair.stream.shutdown()).unwrap();
    assert_eq!(pair.peer.read(&mut [0; 8]).unwrap(), 0);
    pair.peer.write_all(b"still here").unwrap();
    let mut heard = [0; 10];
    block_on(pair.stream.read_exact(&mut heard)).unwrap();
    assert_eq!(&heard, b"still here");
}

#[test]
fn a_connection_is_made_or_refused() {
    let background = Reactor::new().unwrap().background().unwrap();
    let _entered = background.handle().enter();
    let listener = std_net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut stream = block_on(TcpStream::connect(address)).unwrap();
    let (mut peer, from) = listener.accept().unwrap();
    assert_eq!(from, stream.local_addr().unwrap());
    block_on(stream.write_all(b"hello")).unwrap();
    peer.read_exact(&mut [0; 5]).unwrap();
    drop(listener);
    let refused = block_on(TcpStream::connect(address)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_read_that_waits_ends_with_the_reactor() {
    let mut pair = Pair::new();
    let reading = thread::spawn(move || block_on(pair.stream.read(&mut [0; 8])));
    drop(pair.background);
    assert!(reading.join().unwrap().is_err());
}
