//! Goodbyes, resets and errors: what tokio notes of them, and what it keeps.

use std::future::poll_fn;
use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use claims::rt::{
    self, arrives, at_once, connected, is_noted, owes_by_turns, owes_end, reach_by_turns,
};
use claims::{Checked, claim, reach};
use grader::WakerProbe;
use grader::kernel::tcp::{self, State};
use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::net::sockopt::set_socket_linger;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf, Ready};
use tokio::net::unix::pipe;
use tokio::net::{TcpStream, UdpSocket};
use tokio::task;

/// What is noted of a socket just now, of these interests.
fn noted(socket: &TcpStream, interest: Interest) -> Option<Ready> {
    at_once(socket.ready(interest)).and_then(Result::ok)
}

/// What is noted of a socket after a call for `interest` was refused.
fn after_a_refusal(socket: &TcpStream, interest: Interest) -> Option<Ready> {
    let refused = || Err::<(), _>(ErrorKind::WouldBlock.into());
    let _ = socket.try_io(interest, refused);
    noted(socket, interest)
}

/// The peer's goodbye is noted for good: after it has shut its write half `readable()` returns at
/// once for ever, whatever is read and refused. When both halves are shut, so does `writable()`. A
/// refusal takes everything back but the two bits "read-closed" and "write-closed".
///
/// Neither bit is ever taken back, for any source. See tokio 1.54.1:
/// src/runtime/io/scheduled_io.rs, clear_readiness.
#[test]
fn a_goodbye_is_noted_for_good() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, far) = connected().await?;
            far.shutdown(Shutdown::Write)?;
            owes_by_turns("the goodbye", || is_noted(&socket)).await?;
            let mut at_once_and_empty = 0;
            while at_once_and_empty < 1000 && is_noted(&socket) {
                assert_eq!(socket.read(&mut [0; 16]).await?, 0);
                at_once_and_empty += 1;
            }
            // No read of this socket is ever refused. A closure can say that it was.
            let for_reading = after_a_refusal(&socket, Interest::READABLE);
            c.saw(format!(
                "readable at once and 0 bytes: {at_once_and_empty} times; and after a refusal: {for_reading:?}"
            ));
            assert_eq!(at_once_and_empty, 1000);
            assert_eq!(for_reading, Some(Ready::READ_CLOSED));
            assert!(is_noted(&socket));
            socket.shutdown().await?;
            let is_shut = || noted(&socket, Interest::WRITABLE).is_some_and(Ready::is_write_closed);
            owes_by_turns("both directions shut", is_shut).await?;
            let for_writing = after_a_refusal(&socket, Interest::WRITABLE);
            c.saw(format!("both shut; after a refusal: {for_writing:?}"));
            assert_eq!(for_writing, Some(Ready::WRITE_CLOSED));
            assert!(at_once(socket.writable()).is_some());
            Ok(())
        })
    });
}

/// "Closed" is not final for everything that tokio registers. A FIFO whose writer has left is noted
/// as read-closed, and still is when another writer has opened it: a `read` that should wait for
/// that one is polled in every turn of the scheduler, and burns a core.
#[test]
fn a_fifo_that_is_opened_again_stays_read_closed() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("fifo");
            mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0)?;
            let mut reader = pipe::OpenOptions::new().open_receiver(&path)?;
            let open = || std::fs::OpenOptions::new().write(true).open(&path);
            drop(open()?);
            let noted = || at_once(reader.ready(Interest::READABLE)).and_then(Result::ok);
            owes_by_turns("the goodbye", || noted().is_some_and(Ready::is_read_closed)).await?;
            let _silent = open()?;
            let raw = rustix::io::read(&reader, &mut [0; 16]);
            c.saw(format!(
                "another writer has opened it and is silent: a raw read: {raw:?}; the note: {:?}",
                noted()
            ));
            assert_eq!(raw, Err(rustix::io::Errno::AGAIN));
            let polls = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&polls);
            let read = task::spawn(async move {
                let mut buffer = [0; 16];
                let mut read = pin!(reader.read(&mut buffer));
                poll_fn(|cx| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    read.as_mut().poll(cx)
                })
                .await
            });
            for _ in 0..100 {
                task::yield_now().await;
            }
            let (polls, is_over) = (polls.load(Ordering::SeqCst), read.is_finished());
            read.abort();
            c.saw(format!(
                "in 100 turns a `read` was polled {polls} times; it is over: {is_over}"
            ));
            assert_eq!((polls, is_over), (100, false));
            Ok(())
        })
    });
}

/// A connected UDP socket that an ICMP error has reached is noted as write-closed, and as failed.
/// No later event takes that back, although the socket sends and receives as before.
#[test]
fn a_udp_socket_stays_write_closed_after_an_icmp_error() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
            // As long as it is connected to itself, its port is shut for everybody else.
            peer.connect(peer.local_addr()?)?;
            socket.connect(peer.local_addr()?).await?;
            socket.send(b"is anybody there?").await?;
            let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
            let noted = || at_once(socket.ready(all)).and_then(Result::ok);
            owes_by_turns("the error", || noted().is_some_and(Ready::is_error)).await?;
            c.saw(format!("noted: {:?}; {:?}", noted(), socket.take_error()?));
            let mut asked = [PollFd::new(&socket, PollFlags::all())];
            event::poll(&mut asked, Some(&Timespec::default()))?;
            let now = asked[0].revents();
            peer.connect(socket.local_addr()?)?;
            peer.send(b"yes")?;
            reach_by_turns("an answer", || noted().is_some_and(Ready::is_readable)).await?;
            let (sent, received) = (socket.try_send(b"?")?, socket.try_recv(&mut [0; 16])?);
            let later = noted().unwrap_or(Ready::EMPTY);
            c.saw(format!("the kernel, asked anew: {now:?}; sent {sent} byte, received {received}; and noted: {later:?}"));
            assert!(now.contains(PollFlags::OUT) && !now.intersects(PollFlags::ERR | PollFlags::HUP));
            assert!(later.is_write_closed() && later.is_error());
            Ok(())
        })
    });
}

/// tokio's `Interest::ERROR` has to be asked for. An error that closes nothing wakes no task that
/// waits for reading: `poll_recv` of a UDP socket sleeps on when its datagram was refused. `recv`
/// asks for errors, and brings it.
///
/// See tokio 1.54.1: src/runtime/io/driver.rs, Direction::mask; src/net/udp.rs, recv.
#[test]
fn an_error_alone_wakes_no_reader() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            let deaf = std::net::UdpSocket::bind("127.0.0.1:0")?;
            // As long as it is connected to itself, its port is shut for everybody else.
            deaf.connect(deaf.local_addr()?)?;
            socket.connect(deaf.local_addr()?).await?;
            let mut space = [0; 16];
            let mut buffer = ReadBuf::new(&mut space);
            let mut reader = WakerProbe::new();
            assert!(
                reader
                    .poll_with(|cx| socket.poll_recv(cx, &mut buffer))?
                    .is_pending()
            );
            socket.send(b"is anybody there?").await?;
            let error = || at_once(socket.ready(Interest::ERROR)).is_some();
            owes_by_turns("the error", error).await?;
            let wakes = reader.wakes();
            let pending = reader
                .poll_with(|cx| socket.poll_recv(cx, &mut buffer))?
                .is_pending();
            let received = owes_end("`recv`", socket.recv(&mut [0; 16])).await?;
            let received = received.map_err(|error| error.kind());
            c.saw(format!(
                "an error is noted; a task in poll_recv: {wakes} wakes, still pending: {pending}"
            ));
            c.saw(format!("recv: {received:?}"));
            assert_eq!((wakes, pending), (0, true));
            assert_eq!(received, Err(ErrorKind::ConnectionRefused));
            Ok(())
        })
    });
}

/// That the peer shuts its *read* half is not seen at all. TCP has no message for it, and
/// `is_write_closed` does not mean it: that is set when both directions are shut, and by a reset.
#[test]
fn a_peer_that_no_longer_reads_is_not_noticed() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, mut far) = connected().await?;
            let both = Interest::READABLE | Interest::WRITABLE;
            far.shutdown(Shutdown::Read)?;
            // Something that comes later and is seen: what came before it would have been.
            arrives(&socket, &mut far, b"x").await?;
            let ready = noted(&socket, both).unwrap_or(Ready::EMPTY);
            let write = socket.try_write(b"x");
            c.saw(format!(
                "the peer has shut its read half: {ready:?}; a write: {write:?}"
            ));
            assert!(ready.is_writable() && !ready.is_write_closed());
            assert!(write.is_ok());

            let (mut other, far) = connected().await?;
            other.shutdown().await?;
            drop(far);
            let is_shut = || noted(&other, both).is_some_and(Ready::is_write_closed);
            owes_by_turns("both directions shut", is_shut).await?;
            c.saw(format!("both directions shut: {:?}", noted(&other, both)));

            let (reset, far) = connected().await?;
            set_socket_linger(&far, Some(Duration::ZERO))?;
            drop(far);
            let is_shut = || noted(&reset, both).is_some_and(Ready::is_write_closed);
            owes_by_turns("a reset", is_shut).await?;
            c.saw(format!("a reset: {:?}", noted(&reset, both)));
            socket.shutdown().await?;
            Ok(())
        })
    });
}

/// A wait for tokio's `Interest::ERROR` ends with a reset. A goodbye does not end it, nor do two:
/// when both directions are shut, the socket is read-closed and write-closed, and there is no
/// error.
#[test]
fn an_error_is_a_reset_and_not_two_goodbyes() {
    async fn comes(socket: &TcpStream, what: Ready) -> Checked<Ready> {
        let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
        let has = |ready: Ready| (ready & what) == what;
        owes_by_turns(&format!("{what:?}"), || noted(socket, all).is_some_and(has)).await?;
        Ok(noted(socket, all).unwrap_or(Ready::EMPTY))
    }
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (mut socket, far) = connected().await?;
            far.shutdown(Shutdown::Write)?;
            let goodbye = comes(&socket, Ready::READ_CLOSED).await?;
            socket.shutdown().await?;
            let both = comes(&socket, Ready::WRITE_CLOSED).await?;
            c.saw(format!("goodbye: {goodbye:?}"));
            c.saw(format!("and one in return: {both:?}"));
            assert!(!goodbye.is_write_closed() && both.is_read_closed());
            assert!(at_once(socket.ready(Interest::ERROR)).is_none());
            let (socket, far) = connected().await?;
            set_socket_linger(&far, Some(Duration::ZERO))?;
            drop(far);
            owes_end("a wait for an error", socket.ready(Interest::ERROR)).await??;
            let reset = comes(&socket, Ready::ERROR).await?;
            c.saw(format!("reset: {reset:?}"));
            assert!(reset.is_error() && reset.is_read_closed() && reset.is_write_closed());
            Ok(())
        })
    });
}

/// A read that answers ConnectionReset takes the error out of the socket. If tokio's driver hears
/// of the reset only after that, it is told that both directions are shut, and of no error.
#[test]
fn a_reset_that_a_read_has_met_is_no_error_to_the_driver() {
    claim(|c| {
        rt::current_thread()?.block_on(async {
            let (socket, mut far) = connected().await?;
            far.write_all(b"here")?;
            reach_by_turns("an event of the socket", || is_noted(&socket)).await?;
            // Nothing was refused, so the note stays, and the next read is made without a turn.
            assert_eq!(socket.try_read(&mut [0; 16])?, 4);
            let ends = (socket.local_addr()?, socket.peer_addr()?);
            set_socket_linger(&far, Some(Duration::ZERO))?;
            drop(far);
            reach("the reset", || {
                let end = tcp::connection(ends.0, ends.1);
                end.is_ok_and(|end| end.is_none_or(|end| end.state != State::Established))
            })?;
            let read = socket.try_read(&mut [0; 16]).map_err(|error| error.kind());
            let all = Interest::READABLE | Interest::WRITABLE | Interest::ERROR;
            let look = || noted(&socket, all);
            let is_shut = || look().is_some_and(Ready::is_write_closed);
            owes_by_turns("both directions shut", is_shut).await?;
            let noted = look().unwrap_or(Ready::EMPTY);
            c.saw(format!("a read: {read:?}; then the note: {noted:?}"));
            assert_eq!(read, Err(ErrorKind::ConnectionReset));
            assert!(noted.is_read_closed() && !noted.is_error());
            Ok(())
        })
    });
}
